"""Spanish: slang, words without weight, and words that are often mistyped."""

SLANG = {
    "grax": "gracias", "grac": "gracias", "gcias": "gracias", "gcs": "gracias", "grs": "gracias",
    "graciass": "gracias", "garcias": "gracias", "grasias": "gracias", "grcs": "gracias",
    "graxias": "gracias", "xfa": "por favor", "xfavor": "por favor", "pls": "please", "q": "que", "k": "ok",
    "xq": "por que", "tmb": "tambien", "tb": "tambem", "bn": "bien", "bno": "bueno",
    "ntp": "no te preocupes", "salu2": "saludos", "slds": "saludos", "saluditos": "saludos", "bss": "besos",
    "bsos": "besos", "mñn": "manana", "d": "de", "nms": "nada mas", "adio": "adios", "chaoo": "chao",
    "chauu": "chau", "dnd": "de nada", "oki": "ok", "okis": "ok", "siii": "si",
}  # fmt: skip

# These explain nothing and disturb nothing.
FILLER = """
    a aca aclaracion ah ahi ahora al alli amabilidad amig@ apoyo aqui atencion ay ayuda bien che chicas
    chicos compa con creo cuate de del dia don dona e el en entonces equipo era es esa ese eso esta estan
    estar este esto fue gente gran herman@ hoy info informacion jaja jefe la las le les linda lindo lo los
    me mi mil mis mucha muchas mucho muy no noche nomas nuevamente o oh otra paciencia para parce por
    pronta pues que rapidez realmente reina respuesta se senor senora senorita ser seria servicio si
    siempre solo soy su sus tambien tan tarde te tia tiempo tio toda todas todo todos tu un una usted
    ustedes uy veces verdad vez vos y ya yo"""

# Closing words long enough to correct, and real words one letter away from them.
TYPO_TARGETS = """
    gracias adios hasta saludos abrazos perfecto igualmente agradezco muchas listo"""
TYPO_EXCEPTIONS = """
    abrazo asta audio audios basta casta cuesta gracia gracioso lindo lista listos mochas mucha muchos
    pasta perfecta perfectos radios saludo visto"""
