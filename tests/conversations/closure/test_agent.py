"""What our last turn asked last decides; then what it promised."""

import pytest

from prosa.conversations.closure.agent import stance
from prosa.conversations.closure.model import Act


@pytest.mark.parametrize(
    ("bodies", "act"),
    [
        ([], Act.SILENT),
        (["O prazo é de três dias."], Act.STATES),
        (["Posso ajudar em mais alguma coisa?"], Act.OFFERS_HELP),
        (["Anything else I can help you with?"], Act.OFFERS_HELP),
        (["¿Le puedo ayudar en algo más?"], Act.OFFERS_HELP),
        (["Deseja adicionar mais algum item ao pedido?"], Act.ASKS_FOR_MORE_ITEMS),
        (["Posso encerrar o atendimento?"], Act.ASKS_TO_CLOSE),
        (["Posso fechar o seu pedido?"], Act.REQUESTS),
        (["Deu certo?"], Act.ASKS_IF_SOLVED),
        (["O problema continua?"], Act.ASKS_IF_BROKEN),
        (["De 0 a 10, qual nota você dá?"], Act.ASKS_RATING),
        (["Me informe o CPF, por favor."], Act.REQUESTS),
        (["Vou verificar e já te retorno."], Act.PROMISES),
        (["Vou lhe desentortar o aro."], Act.PROMISES),  # whatever the verb
        (["Mando a prévia hoje."], Act.PROMISES),
        (["Vou precisar do contrato para o cadastro."], Act.STATES),
        (["Temos uma promoção de clareamento esta semana."], Act.UPSELLS),
        (["De nada! Tenha um ótimo dia!"], Act.SAYS_GOODBYE),
        (["Sua consulta foi agendada."], Act.CONFIRMS_DONE),
        (["Prefere manhã ou tarde?"], Act.ASKS),
        (["Qual o nome do titular"], Act.ASKS),
        (["Deseja mais alguma coisa"], Act.OFFERS_HELP),
    ],
)
def test_a_turn_does_what_it_says(bodies: list[str], act: Act) -> None:
    assert stance(bodies, max_chars=2000).act is act


def test_the_last_question_decides() -> None:
    bodies = ["Qual o seu nome?", "Pronto, cadastrado! Posso ajudar em algo mais?"]
    assert stance(bodies, max_chars=2000).act is Act.OFFERS_HELP


def test_a_conditional_offer_is_a_farewell() -> None:
    assert stance(["Se precisar de mais alguma coisa, é só chamar."], max_chars=2000).act is Act.SAYS_GOODBYE


def test_a_statement_with_a_tag_is_no_question() -> None:
    assert stance(["Ficou agendado para amanhã, tá?"], max_chars=2000).act is Act.CONFIRMS_DONE
