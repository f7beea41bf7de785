"""Portuguese: slang, words without weight, and words that are often mistyped."""

SLANG = {
    "vlw": "valeu", "vlws": "valeu", "vleu": "valeu", "vlww": "valeu", "valew": "valeu", "vlh": "valeu",
    "vl": "valeu", "obg": "obrigado", "obgd": "obrigado", "obgda": "obrigada", "obgdo": "obrigado",
    "obd": "obrigado", "obrg": "obrigado", "obrgd": "obrigado", "obrgada": "obrigada",
    "obrgado": "obrigado", "brigado": "obrigado", "brigada": "obrigada", "brigadu": "obrigado",
    "brigaduh": "obrigado", "obg@": "obrigado", "brg": "obrigado", "obrigadu": "obrigado", "blz": "beleza",
    "bele": "beleza", "belz": "beleza", "blza": "beleza", "flw": "falou", "flws": "falou", "falow": "falou",
    "fmz": "beleza", "firmeza": "beleza", "sussa": "tranquilo", "tranks": "tranquilo",
    "tranquilao": "tranquilo", "xau": "tchau", "tchauu": "tchau", "txau": "tchau", "tiau": "tchau",
    "thau": "tchau", "chau": "tchau", "xauzinho": "tchau", "tchaau": "tchau", "bjs": "beijos",
    "bjinho": "beijo", "bjinhos": "beijos", "bjim": "beijo",
    "bjos": "beijos", "bjo": "beijo", "bj": "beijo", "bjus": "beijos", "abs": "abracos", "abrs": "abracos",
    "abcs": "abracos", "abrc": "abraco", "att": "abraco", "vc": "voce", "vcs": "voces", "ce": "voce",
    "ces": "voces", "oce": "voce", "q": "que", "oq": "o que", "pq": "porque", "tb": "tambem",
    "tbm": "tambem", "tbem": "tambem", "td": "tudo", "tds": "todos", "mto": "muito", "mt": "muito",
    "mta": "muita", "mtu": "muito", "muitu": "muito", "muita": "muito", "n": "nao", "nn": "nao",
    "naum": "nao", "ss": "sim", "s": "sim", "sm": "sim", "simm": "sim", "hj": "hoje", "amnh": "amanha",
    "amn": "amanha", "dps": "depois", "qdo": "quando", "qnd": "quando", "qto": "quanto", "qnt": "quanto",
    "qt": "quanto", "qts": "quantos", "qq": "qualquer", "qlqr": "qualquer", "qlq": "qualquer",
    "pra": "para", "pro": "para", "pras": "para", "pros": "para", "p": "para", "ta": "esta", "tah": "esta",
    "to": "estou", "tou": "estou", "tava": "estava", "c": "com", "cmg": "comigo", "ctz": "certeza",
    "agr": "agora", "msm": "mesmo", "pf": "por favor", "pfv": "por favor", "pfvr": "por favor",
    "tdb": "tudo bem", "tlg": "entendi", "tmjj": "tmj", "okk": "ok", "oks": "ok", "okey": "ok",
    "okay": "ok", "oki": "ok", "okie": "ok", "oky": "ok", "perf": "perfeito", "otimoo": "otimo", "eh": "e",
    "neh": "ne", "soh": "so", "jah": "ja", "ateh": "ate", "aki": "aqui", "ain": "ai", "msg": "mensagem",
    "dnd": "de nada", "dnada": "de nada", "bd": "bom dia", "bdia": "bom dia", "bn": "boa noite",
    "bnoite": "boa noite", "bt": "boa tarde", "fexou": "fechou", "fxd": "fechado", "bão": "bom",
    "dnv": "de novo", "qro": "quero", "qria": "queria", "ng": "ninguem", "ngm": "ninguem", "enqto": "enquanto",
    "enqnt": "enquanto", "tmb": "tambem", "qd": "quando", "nd": "nada", "num": "nao", "cum": "com", "pdc": "ok",
    "ql": "qual", "ond": "onde", "cmo": "como", "kd": "cade", "sab": "sabado", "dom": "domingo", "seg": "segunda",
    "fik": "fica", "keria": "queria", "kero": "quero", "intaum": "entao", "entaum": "entao", "dexa": "deixa",
    "brigadin": "obrigado", "gradecido": "agradecido", "poblema": "problema", "probrema": "problema",
    "bao": "bom", "vdd": "verdade", "resouveu": "resolveu", "glr": "galera",
}  # fmt: skip

# These explain nothing and disturb nothing.
FILLER = """
    a aah agilidade agora ah ai ajuda alo amig@ amor anjo apoio aqui as assim atencao atendimento bb bem
    boa bom cara carinho caso chefe com compreensao contato da das de demais deus dia dica dicas
    disponibilidade disso do dona dos doutor doutora dr dra e eba eita em enorme enquanto entao equipe era
    esclarecimento esclarecimentos essa esse esta este estou eu fi ficou flor foi forca galera gente
    gentileza gnt hmm hoje hum informacao informacoes irmao isso isto ja jesus la lhe linda lindo mais
    mano maravilhos@ me menina mesmo meu miga mil minha moca moco muito na nas ne nesse nisso no nos nossa
    novamente o oh ok opa orientacao os paciencia para parca parceiro pela pelas pelo pelos pessoal pois
    por poxa puxa que querid@ rapaz rapidez realmente resposta retorno sao se sempre senhor senhora ser
    servico seu seus sim sinceramente so sobre sr sra sua suas super suporte ta tambem tao te tia time tio
    tipo toda todas todo todos tudo uau uhuu um uma valiosa vamos vei verdade vezes vida viu voce voces
    vou"""

# Closing words long enough to correct, and real words one letter away from them.
TYPO_TARGETS = """
    obrigado obrigada obrigadao obrigados agradeco agradecido agradecida tchau valeu falou abraco abracos
    beijos beleza perfeito combinado resolvido encerrar finalizar igualmente"""
TYPO_EXCEPTIONS = """
    abracar abrigada abrigado agradece agradecer brigadas calou combinada combinados combinar encerrara
    fala falam falar falei falo falta faltou finalizado finalizara finalizou jaleu obriga obrigam obrigar
    obrigue perfeita resolvida resolvidos salou vale valem valer vales valor"""
