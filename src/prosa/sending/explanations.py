"""Delivery states and problems explained in plain Portuguese and English."""

from prosa.gateways.twilio import errors
from prosa.sending.model import LONGEST_TEMPLATE, LONGEST_TEXT, Delivery, Problem, State

# (Portuguese, English)
PROBLEMS: dict[str, tuple[str, str]] = {
    Problem.OPTED_OUT: ("O contato não quer receber mensagens deste número.",
                        "The contact does not want messages from this number."),
    Problem.WINDOW: (errors.WORDS[63016]),
    Problem.TEXT_TOO_LONG: (f"O texto passa de {LONGEST_TEXT} caracteres.",
                            f"The text is longer than {LONGEST_TEXT} characters."),
    Problem.TEMPLATE_TOO_LONG: (f"O modelo com as variáveis passa de {LONGEST_TEMPLATE} caracteres.",
                                f"The template with its variables is longer than {LONGEST_TEMPLATE} characters."),
    Problem.EMPTY: ("A mensagem não tem texto nem mídia, ou foi apagada.",
                    "The message has neither text nor media, or was deleted."),
    Problem.NO_ACCOUNT: ("O número de envio não está mais ligado à Twilio.",
                         "The sender's number is no longer connected to Twilio."),
    Problem.UNREACHABLE: ("A Twilio não respondeu, mesmo após várias tentativas. A mensagem não foi enviada.",
                          "Twilio could not be reached, after several tries. The message was not sent."),
    Problem.AWAY: ("A Twilio não respondeu ou pediu para esperar. A mensagem ainda não foi enviada; tentaremos de novo.",
                   "Twilio did not answer, or asked to wait. The message was not sent yet; it will be tried again."),
    Problem.BEHIND: ("A mensagem espera a anterior, que a Twilio ainda não recebeu.",
                     "The message waits for the one before it, which Twilio has not taken yet."),
}  # fmt: skip
UNKNOWN = ("Não se sabe se a mensagem foi enviada. Só envie de novo se o contato não a recebeu.",
           "It is not known whether the message was sent. Send it again only if the contact has not got it.")  # fmt: skip
NOT_DELIVERED = ("A mensagem não foi entregue.", "The message was not delivered.")


def explain(delivery: Delivery, locale: str = "pt_BR") -> str | None:
    """Why the message has not arrived; None if nothing is wrong with it."""
    if delivery.problem:
        return _pick(PROBLEMS[delivery.problem], locale)
    if delivery.error_code:
        return errors.explain(delivery.error_code, locale)
    if delivery.state is State.UNKNOWN:
        return _pick(UNKNOWN, locale)
    return _pick(NOT_DELIVERED, locale) if delivery.state in (State.FAILED, State.REFUSED) else None


def _pick(words: tuple[str, str], locale: str) -> str:
    return words[1] if locale.startswith("en") else words[0]
