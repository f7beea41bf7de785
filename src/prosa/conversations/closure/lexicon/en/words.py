"""English: slang, words without weight, and words that are often mistyped."""

SLANG = {
    "thx": "thanks", "thnx": "thanks", "tnx": "thanks", "thks": "thanks", "tks": "thanks",
    "tanks": "thanks", "thanx": "thanks", "thankz": "thanks", "ty": "thanks", "tysm": "thanks",
    "tyvm": "thanks", "thankyou": "thanks", "tq": "thanks", "bb": "bye", "bai": "bye", "byee": "bye",
    "gbye": "goodbye", "gdbye": "goodbye", "l8r": "later", "laterz": "later", "gn": "goodnight",
    "ur": "your", "u": "you", "pls": "please", "plz": "please", "plss": "please", "gr8": "great",
    "np": "no problem", "nw": "no worries", "idk": "i dont know", "gtg": "gotta go", "g2g": "gotta go",
    "hv": "have", "rn": "right now", "tho": "though", "abt": "about", "wat": "what", "wut": "what",
    "dat": "that", "dats": "thats", "k": "ok", "okies": "ok", "alrite": "alright", "aight": "alright",
    "omw": "ill be there", "sry": "sorry", "goodby": "goodbye", "i'll": "ill", "gotcha": "got it",
    "lmk": "let me know", "bc": "because", "cuz": "because", "yw": "youre welcome", "awsome": "awesome",
    "wanna": "want to", "gonna": "going to", "appriciate": "appreciate", "apreciate": "appreciate",
    "anythin": "anything", "nothin": "nothing", "nuthin": "nothing", "thatsall": "thats all", "yeh": "yes",
    "yess": "yes", "cheerz": "cheers",
}  # fmt: skip

# These explain nothing and disturb nothing.
FILLER = """
    a about actually advice again ah all already also always am an and any are as assistance at be because
    been believe bit bro buddy by dear did do dr dude effort efforts ever everyone everything folks for
    friend from going good great guess guy guys had haha has have help helping here hey hmm i if ill im in
    indeed info information is it its ive just kind kindness later lol lot maam man mate me miss moment
    more mr mrs ms much my needed next no not now of oh on one or our out over patience perfectly pretty
    quick really reply response right service sir so some soon sorry still such support team than that
    thats the then there they think this though time to today too uh um until up us very was we well what
    will with would wow yay you your youre"""

# Closing words long enough to correct, and real words one letter away from them.
TYPO_TARGETS = """
    thanks thank goodbye appreciate appreciated cheers perfect awesome excellent alright nothing
    everything"""
TYPO_EXCEPTIONS = """
    anything appreciates cheer cheese cheesy nothings noting perfects shank tank than thanked think thinks"""
