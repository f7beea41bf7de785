"""One sentence on what happened and one on what to do next, in Brazilian Portuguese."""

from collections.abc import Sequence

from prosa.analysis.model import Category, Owner, Utterance
from prosa.analysis.offline.signals import Seen

OPENINGS = {
    Category.LEAD: "Possível cliente",
    Category.SERVICE: "Cliente em atendimento",
    Category.QUESTION: "Pedido de informação",
    Category.COMPLAINT: "Reclamação",
    Category.OTHER: "Contato sem interesse comercial",
}
STEPS = {
    Category.LEAD: "Retomar a conversa e propor o próximo passo (horário, visita ou pagamento).",
    Category.SERVICE: "Atender o pedido e confirmar ao cliente quando estiver pronto.",
    Category.QUESTION: "Responder à dúvida e perguntar se pode ajudar em algo mais.",
    Category.COMPLAINT: "Reconhecer o problema, informar prazo de solução e acompanhar até resolver.",
    Category.OTHER: "Nenhuma ação comercial.",
}
UNANSWERED = "Responder ao contato: a última mensagem é dele. "
BY_SIGNAL = {
    "refuses": "Agradecer e não insistir; perguntar se pode avisar de novas condições.",
    "accepts": "Confirmar o combinado e enviar os dados de pagamento ou do agendamento.",
    "hesitates": "Enviar uma condição especial ou tirar a dúvida que trava a decisão, sem pressionar.",
    "wants_to_book": "Oferecer dois horários e confirmar o agendamento.",
    "wants_to_enrol": "Enviar o passo a passo da matrícula e combinar a data de início.",
    "wants_to_buy": "Enviar o link de pagamento ou fechar o pedido na conversa.",
    "asks_price": "Enviar o preço com as formas de pagamento e perguntar o que falta para decidir.",
}
"""First match wins: the later in the talk a signal usually comes, the earlier it stands here."""


def summary(category: Category, seen: Seen, goal: str | None, messages: int) -> str:
    """What the contact did, in its order, for a person who has not read the conversation."""
    if not messages:
        return "O contato não escreveu nada que possa ser lido."
    did = [signal.label for signal in seen if signal.points or signal.category is category]
    text = f"{OPENINGS[category]}: {', '.join(did)}" if did else OPENINGS[category]
    return text + (f"; objetivo: {goal}." if goal else ".")


def next_step(category: Category, seen: Seen, history: Sequence[Utterance]) -> str:
    """The suggested next action of the company."""
    names = {signal.name for signal in seen}
    step = STEPS[category]
    if category is Category.LEAD:
        step = next((advice for name, advice in BY_SIGNAL.items() if name in names), step)
    chat = [said.owner for said in history if said.owner is not Owner.SYSTEM]
    needs_answer = bool(chat) and chat[-1] is Owner.USER and category is not Category.OTHER
    return (UNANSWERED if needs_answer else "") + step
