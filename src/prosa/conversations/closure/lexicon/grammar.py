"""Small closed classes of words and endings, in every language: what a message's grammar tells."""

import re

from prosa.conversations.closure.model import Trait


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


WORDS = {
    Trait.LATER: """
        amanha depois semana mes ano segunda terca quarta quinta sexta sabado domingo proxima proximo mais
        tarde cedo logo feriado dezembro janeiro
        later tomorrow next week month year tonight
        manana luego proximo despues lunes martes miercoles jueves viernes""",
    Trait.WILL_COME: """
        passo volto ligo vejo olho apareco colo chego busco pego retiro compro resolvo marco agendo procuro
        decido penso tento falo retorno dou levo fico sigo deixo chegando indo descendo saindo correndo
        voltando passando caminho vuelvo paso llamo busco veo compro""",
    Trait.WILL_SEND: """
        mando envio encaminho confirmo respondo pago deposito transfiro assino preencho digo informo
        escolho peco separo tiro mandarei enviarei envio confirmo pago""",
    Trait.AGREES: """
        fechado fechou fechamos bora aceito topo quero vamos vou combinado deal dale acepto quiero""",
    Trait.DENIES: """
        nao num nunca nem sem nada ninguem ainda nenhum nenhuma not dont cant no never nothing without
        tampoco todavia ningun ninguna nadie""",
    Trait.CONTRASTS: "mas porem entretanto but pero only except sino",
    Trait.ASKS_WORD: """
        qual quais quanto quanta quantos quantas quando onde como quem sera cade
        what which how when where who why cual cuanto cuando donde quien""",
    Trait.ASKS_ABILITY: """
        pode podem poderia consegue conseguem tem teria da can could puede puedes podria hay""",
    Trait.TO_US: "voce voces senhor senhora te you your tu ustedes usted le",
    Trait.OF_SELF: "eu me meu minha meus minhas mim i my mi yo",
    Trait.CONDITION: "se caso if",
    Trait.APOLOGISES: "desculpa desculpe desculpem perdao perdoa sorry perdon disculpe disculpa",
}
# "obrigado mesmo assim": thanks of one who did not get it
ANYWAY = re.compile(
    r"(?:obrigad[oa]|valeu|agradeco|thanks|thank you|gracias)(?: \w+)? "
    r"(?:mesmo assim|assim mesmo|de qualquer|de todo|anyway|igual|de todos|de todas|all the same|for trying)"
    r"|(?:mesmo assim|de qualquer \w+|de todo modo)(?: ,)?(?: muito)? (?:obrigad[oa]|valeu|agradeco)"
)
ANYWAY_WORDS = _set("mesmo assim qualquer todo todos todas anyway igual same trying")
MISTAKEN = re.compile(r"engan\w+|errad[oa]s?|equivoqu?e|equivocad[oa]|confund\w+|troquei|wrong|mistake")
ELSEWHERE = re.compile(r"outr[oa]s?|concorren\w+|vizinh\w+|otr[oa]s?|other|another|elsewhere")
# First person of the past: "salvei", "consegui"; and what ends like it but is none.
DID = re.compile(r"[a-z]{2,}(?:ei|i)|fiz|pus|vim|trouxe|li|vi|tive|dei|fui|bought|got|found|did|went|fixed")
NOT_DID = _set("""sei oi ai foi aqui ali assim dai hei rei lei vai hi si xi mui uai ui pai papai caui ti mi demais ci
    i taxi juri guarani sushi acai abacaxi wifi wi fi""")
FUTURE = re.compile(r"[a-z]{2,}[aei](?:rei|remos|rao)|retorno|retornamos|aviso|avisamos|encaminho")
# A future of telling, checking and sending: "informaremos", "se manifestará", "lhe encaminharão"
PROMISES = re.compile(
    r"(?:inform|confirm|envi|encaminh|retorn|respond|avis|notific|entr|lig|contat|manifest|elabor|analis|verific"
    r"|disponibiliz|comunic|atualiz|posicion|mand|cham|acion|apur|avali|repass)[a-z]*(?:rei|remos|ra|rao)"
    r"|mando|reenvio|devolvo|repasso|encaminho"  # the present, of what is still to be handed over
)
# "Vou olhar no estoque": what is to be done, but for what nobody waits for afterwards.
GOES_TO_DO = _set("vou vamos irei iremos")
NOTHING_OWED = _set("""precisar encerrar finalizar fechar ter ser estar ficar poder querer dever atender ajudar aguardar
    esperar torcer continuar seguir adorar lembrar""")
# What "será" promises in the passive: "será enviada", "você será notificado"
PROMISED = re.compile(r"(?:envi|encaminh|notific|inform|contat|avis|comunic|analis|avali|verific|disponibiliz)ad[oa]s?")
WILL_BE = frozenset({"sera", "serao"})
GOES_TO = _set("vou vamos irei iremos vai vao ira irao ill well voy vamos")
INFINITIVE = re.compile(r"[a-z]{2,}[aei]r")
NEGATIONS = _set("nao num nem not dont cant no n")
# Verbs of third persons and of a first-person past; denied, they say that something fails …
VERB = re.compile(r"[a-z]{2,}(?:ou|eu|iu|am|em|ram|ei|i)|[a-z]{3,}[ae]")
# … but for these, which deny a need or a wish, and words that only look like verbs.
HARMLESS = _set("""precisa precisava carece quero queria precise tenho tem interessa obrigada obrigadas hoje esse essa
    desse dessa este esta ele ela que se de pela dele dela agora nesse nessa nada ainda fora moca senhora
    querida amiga era entao sei porque quem bem em ei uai ai aqui gente hora volta deixa posso compensa
    the have more me te le de quiere hace falta""")
REFUSES = _set("""infelizmente acabou esgotado esgotada esgotou indisponivel lotado lotada lamento unfortunately
    lamentablemente agotado agotada""")
WE_CONDITION = _set("se caso qualquer quando if any si cualquier")
