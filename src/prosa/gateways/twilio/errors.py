"""Twilio's error codes in plain words: what happened, and what to do. https://www.twilio.com/docs/api/errors"""

BLOCKED = 63014  # "message failed to send because it was blocked by a user action"
UNSUBSCRIBED = 21610  # the contact opted out at Twilio itself

# code: (Portuguese, English)
WORDS: dict[int, tuple[str, str]] = {
    20003: ("A Twilio não aceita as credenciais da conta. Conecte a conta de novo.",
            "Twilio does not accept the account's credentials. Connect the account again."),
    20005: ("A conta da Twilio não está ativa.", "The Twilio account is not active."),
    20429: ("A Twilio recebeu pedidos demais ao mesmo tempo.", "Twilio had too many requests at once."),
    21211: ("O número do contato não é válido.", "The contact's number is not valid."),
    21212: ("O número de envio não é válido.", "The sender's number is not valid."),
    21408: ("A conta da Twilio não tem permissão para enviar a esse país.",
            "The Twilio account may not send to this country."),
    21606: ("O número de envio não pertence à conta da Twilio ou não envia mensagens.",
            "The sender's number is not the Twilio account's, or cannot send messages."),
    21608: ("A conta da Twilio é de teste e só envia a números verificados.",
            "The Twilio account is a trial and sends to verified numbers only."),
    21610: ("O contato pediu para não receber mensagens (PARAR).", "The contact asked for no more messages (STOP)."),
    21614: ("O número do contato não é de celular.", "The contact's number is no mobile number."),
    21617: ("A mensagem passa de 1.600 caracteres.", "The message is longer than 1,600 characters."),
    21620: ("O endereço da mídia não é válido.", "The address of the media is not valid."),
    21656: ("As variáveis do modelo não são válidas.", "The template's variables are not valid."),
    21703: ("O serviço de mensagens da Twilio não tem número de envio.",
            "Twilio's Messaging Service has no sender number."),
    30001: ("A fila de envio da Twilio está cheia.", "Twilio's queue is full."),
    30003: ("O aparelho do contato está desligado ou fora de área.", "The contact's phone is off or out of reach."),
    30004: ("A mensagem foi bloqueada pela operadora.", "The carrier blocked the message."),
    30005: ("O número do contato não existe ou está inativo.", "The contact's number is unknown or inactive."),
    30006: ("O número do contato é fixo ou não recebe mensagens.",
            "The contact's number is a landline, or takes no messages."),
    30007: ("A operadora recusou a mensagem como spam.", "The carrier refused the message as spam."),
    30008: ("A mensagem não foi entregue; a operadora não disse por quê.",
            "The message was not delivered; the carrier did not say why."),
    63001: ("O WhatsApp não aceitou as credenciais do número de envio.",
            "WhatsApp did not accept the sender's credentials."),
    63003: ("O contato não tem WhatsApp nesse número.", "The contact has no WhatsApp on this number."),
    63005: ("O WhatsApp não aceitou o conteúdo da mensagem.", "WhatsApp did not accept the message's content."),
    63007: ("O número de envio não está ligado ao WhatsApp na Twilio.",
            "The sender's number is not connected to WhatsApp at Twilio."),
    63010: ("O WhatsApp teve um erro interno.", "WhatsApp had an internal error."),
    63013: ("A mensagem fere uma política do WhatsApp.", "The message violates a policy of WhatsApp."),
    63014: ("O contato bloqueou este número.", "The contact has blocked this number."),
    63015: ("O contato não entrou no ambiente de testes da Twilio.", "The contact has not joined Twilio's sandbox."),
    63016: ("Passaram mais de 24 horas desde a última mensagem do contato: só um modelo aprovado pode ser enviado.",
            "More than 24 hours have passed since the contact's last message: only an approved template may be sent."),
    63018: ("O número de envio passou do limite de mensagens por segundo.",
            "The sender is over its limit of messages a second."),
    63019: ("A mídia não pôde ser baixada.", "The media could not be fetched."),
    63021: ("O modelo passa de 1.024 caracteres, ou o conteúdo não é válido.",
            "The template is longer than 1,024 characters, or its content is not valid."),
    63024: ("O WhatsApp não aceita o número do contato.", "WhatsApp does not accept the contact's number."),
    63028: ("O número de variáveis não é o do modelo.", "The number of variables is not the template's."),
    63030: ("O modelo tem um parâmetro que o WhatsApp não aceita.", "The template has a parameter that WhatsApp refuses."),
    63032: ("O WhatsApp limitou as mensagens de marketing a este contato.",
            "WhatsApp limits the marketing messages to this contact."),
    63038: ("A conta da Twilio passou do limite de mensagens do dia.",
            "The Twilio account is over its messages of the day."),
    63040: ("O modelo foi recusado pelo WhatsApp.", "WhatsApp has rejected the template."),
    63041: ("O modelo está pausado pelo WhatsApp.", "WhatsApp has paused the template."),
    63042: ("O modelo foi desativado pelo WhatsApp.", "WhatsApp has disabled the template."),
    63049: ("O WhatsApp decidiu não entregar esta mensagem de marketing.",
            "WhatsApp chose not to deliver this marketing message."),
}  # fmt: skip
OTHER = ("A Twilio recusou a mensagem (código {code}).", "Twilio refused the message (code {code}).")


def explain(code: int, locale: str = "pt_BR") -> str:
    """The code in plain words, in Portuguese or English."""
    portuguese, english = WORDS.get(code, OTHER)
    return (english if locale.startswith("en") else portuguese).format(code=code)
