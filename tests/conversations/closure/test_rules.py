"""What decides: what our last turn asked or owes, whether the matter is open, and then the words."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosa.conversations.closure import Settings, Turn, Verdict, is_afterthought, score

TEXTS = st.text(max_size=300) | st.lists(
    st.sampled_from(
        [
            *("tchau", "obrigado", "não", "sim", "ok", "mas", "valeu", ",", ".", "?", "!", "👍", "[áudio:"),
            *("bye", "thanks", "gracias", "no", "12", "quero", "até", "amanhã", "só isso", "pode encerrar"),
        ]
    ),
    max_size=25,
).map(" ".join)
HISTORIES = st.lists(st.builds(Turn, st.sampled_from(["user", "agent", "bot"]), TEXTS | st.none()), max_size=4)


def after(our_turn: str, message: str, **options: Any) -> Verdict:
    return score([Turn("agent", our_turn)], message, **options)


@pytest.mark.parametrize("message", ["tchau", "Até logo!", "bye", "hasta luego", "tchau, obrigada", "flw vlw"])
def test_a_plain_goodbye_closes_by_itself(message: str) -> None:
    assert after("O valor é R$ 30.", message).action == "close"
    assert score([], message).action == "close"


@pytest.mark.parametrize("message", ["obrigado", "ok, muito obrigada!", "thanks", "gracias"])
def test_bare_thanks_wait_for_confirmation(message: str) -> None:
    assert after("O valor é R$ 30.", message).action == "confirm"


@pytest.mark.parametrize(
    "message",
    [
        "obrigado, mas ainda não chegou",
        "obrigada! qual o horário",
        "thanks, can you send it again",
        "gracias, y el precio?",
    ],
)
def test_thanks_in_the_middle_of_a_request_do_not_close(message: str) -> None:
    assert after("Foi enviado ontem.", message).action == "none"


@pytest.mark.parametrize(
    ("our_turn", "message", "action"),
    [
        ("Posso ajudar em algo mais?", "não", "close"),
        ("Posso ajudar em algo mais?", "sim", "none"),
        ("Podemos encerrar o atendimento?", "sim", "close"),
        ("Podemos encerrar o atendimento?", "não", "none"),
        ("Posso finalizar a compra?", "pode finalizar", "none"),
        ("Ainda está com problema?", "não, obrigado", "close"),
        ("Ainda está com problema?", "sim", "none"),
        ("Is there anything else I can help with?", "no, that's all", "close"),
        ("¿Algo más en que pueda ayudarle?", "no, gracias", "close"),
    ],
)
def test_yes_and_no_mean_what_we_asked(our_turn: str, message: str, action: str) -> None:
    assert after(our_turn, message).action == action


@pytest.mark.parametrize(
    "our_turn",
    [
        "Qual o seu CPF?",
        "Me envie uma foto do documento, por favor.",
        "Vou verificar e já te retorno.",
        "One moment, let me check that.",
        "¿Prefiere tarjeta o efectivo?",
    ],
)
def test_thanks_close_nothing_while_something_is_owed(our_turn: str) -> None:
    assert after(our_turn, "obrigado").action == "none"


def test_a_promise_kept_in_the_same_run_is_owed_no_more() -> None:
    waiting = [Turn("agent", "Um momento, vou verificar.")]
    assert score(waiting, "obrigado").action == "none"
    assert score([*waiting, Turn("agent", "Pronto, cancelado!")], "obrigado").action == "close"
    assert score([*waiting, Turn("agent", "A entrega é na sexta.")], "obrigado").action == "confirm"


@pytest.mark.parametrize(
    "kept", ["Pronto, achei: temos 4 no estoque.", "[foto do pneu]", "", "https://loja.example/pneu"]
)
def test_a_promise_further_back_weighs_until_it_is_kept(kept: str) -> None:
    said = [
        "Tem pneu aro 13?",
        "Vou olhar no estoque da outra loja.",
        "Furou aqui perto.",
        "{}",
        "Que susto!",
        "Imagino!",
    ]

    def verdict(then: str) -> Verdict:
        history = [Turn("agent" if at % 2 else "user", text.format(then)) for at, text in enumerate(said)]
        return score(history, "Obrigada!")

    assert verdict("Onde a senhora está agora?").score < verdict(kept).score - 0.1


def test_a_question_we_have_not_answered_keeps_the_conversation_open() -> None:
    history = [Turn("agent", "Oi!"), Turn("user", "quanto custa?")]
    assert score(history, "obrigado").action == "none"


@pytest.mark.parametrize(
    "message",
    [
        "não sei se vale a pena",
        "fui obrigado a pagar",
        "o vendedor falou que chegava hoje",
        "quero encerrar minha conta",
    ],
)
def test_other_senses_of_a_closing_word_do_not_close(message: str) -> None:
    assert after("Entendo.", message).action == "none"


def test_a_farewell_that_answers_our_question_does_not_close() -> None:
    assert after("Até quando consegue pagar?", "até amanhã").action == "none"
    assert after("Qual frase vai no cartão?", "obrigado por tudo").action == "none"


@pytest.mark.parametrize("can_close", [True, False])
def test_explicit_metadata_decides_alone(can_close: bool) -> None:
    verdict = after("Qual o seu CPF?", "quanto custa?", metadata={"can_close": can_close})
    assert verdict.score == float(can_close)
    assert [reason.name for reason in verdict.reasons] == ["metadata:can_close"]


def test_a_reached_goal_lifts_thanks_and_a_pending_action_lowers_them() -> None:
    reached = after("Certo.", "obrigado", metadata={"goal_achieved": True, "pending_actions": []})
    pending = after("Certo.", "obrigado", metadata={"pending_actions": ["refund"]})
    assert (reached.action, pending.action) == ("close", "none")


def test_a_tenant_adds_and_mutes_keywords() -> None:
    assert after("Certo.", "fechadíssimo o boteco").action == "none"
    assert after("Certo.", "fechou o boteco", settings=Settings(extra_keywords=("Fechou o boteco!",))).action == "close"
    assert after("Certo.", "tchau", settings=Settings(muted_keywords=("Tchau",))).action == "none"
    for ours in ("Certo.", "Das 8h às 18h.", "Seu pedido sai amanhã às 10h."):  # an extra one is a plain goodbye
        assert (
            after(ours, "fui", settings=Settings(extra_keywords=("fui",))).action
            == after(ours, "tchau").action
            == "close"
        )
    assert after("Certo.", "tchau", settings=Settings(extra_keywords=("tchau",))).action == "close"


def test_a_muted_keyword_counts_in_no_wording_however_often_it_is_said() -> None:
    muted = after("Certo.", "tchau tchau tchau", settings=Settings(muted_keywords=("Tchau",)))
    assert "wording" not in {reason.name for reason in muted.reasons}
    assert "wording" in {reason.name for reason in after("Certo.", "tchau tchau tchau").reasons}


def test_a_tenant_sets_the_thresholds() -> None:
    assert after("Certo.", "obrigado", settings=Settings(confirm_at=0.3, close_at=0.5)).action == "close"


@pytest.mark.parametrize(
    "message",
    [
        "na verdade, mais uma coisa",
        "ah, só mais uma dúvida",
        "actually, one more thing",
        "una cosa más",
        "esqueci de perguntar",
    ],
)
def test_an_afterthought_is_recognised(message: str) -> None:
    assert is_afterthought(message)
    assert after("Até logo!", message).action == "none"


@pytest.mark.parametrize("message", ["tchau", "obrigado", "", None])
def test_a_farewell_is_no_afterthought(message: str | None) -> None:
    assert not is_afterthought(message)


@settings(max_examples=200, deadline=None)
@given(HISTORIES, TEXTS)
def test_any_text_gets_an_explained_score_between_0_and_1(history: list[Turn], message: str) -> None:
    verdict = score(history, message)
    explained = sum(reason.weight for reason in verdict.reasons)
    assert 0.0 <= verdict.score <= 1.0
    assert verdict.score == pytest.approx(min(1.0, max(0.0, explained)), abs=0.001)
    assert verdict == score(history, message)


@settings(max_examples=200, deadline=None)
@given(HISTORIES, TEXTS)
def test_asking_for_something_more_never_raises_the_score(history: list[Turn], message: str) -> None:
    asked = f"{message}\nVocês podem me mandar o endereço da loja?"
    assert score(history, asked).score <= score(history, message).score


def said(ours: str, message: str) -> str:
    return score([Turn("agent", ours)], message).action


def test_a_short_answer_repeats_the_verb_of_our_question() -> None:
    assert said("Chegou o pedido?", "chegou") == "close"
    assert said("Chegou o pedido?", "chegou nada") == "none"
    assert said("E a febre, cedeu?", "cedeu") == "close"  # an outcome, whatever the verb …
    assert said("E a taxa, pagou?", "paguei") == "none"  # … but not what the contact did itself


def test_what_is_offered_after_a_confirmation_is_no_open_question() -> None:
    assert said("Pedido confirmado! Mais algum item?", "só esse, obrigada") == "close"
    assert said("Mais algum item?", "só esse") == "none"


def test_success_after_an_instruction_ends_but_data_sent_as_asked_does_not() -> None:
    assert said("Reinicie o modem, por favor.", "voltou aqui, obrigado") == "close"
    assert said("Me envie o comprovante, por favor.", "feito, obrigado") != "close"


def test_a_price_found_too_high_is_bargaining_until_the_contact_leaves() -> None:
    assert said("São R$ 900.", "achei caro") == "none"
    assert said("São R$ 900.", "achei caro, vou deixar pra lá") != "none"


def test_leaving_counts_only_when_it_is_the_last_word() -> None:
    assert said("Tente de novo.", "que absurdo, desisto") != "none"
    assert said("Tente de novo.", "já consegui aqui, mas agora deu erro") == "none"


def test_a_threat_to_leave_is_no_leaving() -> None:
    assert said("Só um momento.", "se não responder logo vou procurar outro lugar") == "none"


def test_of_two_open_questions_a_short_no_answers_one() -> None:
    assert said("Quer sacola? Qual o endereço da entrega?", "não, só isso") == "none"


def test_a_greeting_back_is_no_farewell() -> None:
    assert said("Disponha, bom fim de semana!", "oi, bom dia") == "none"
    assert said("Oi, tudo bem? Aqui é a Nath!", "tudo ótimo, graças a Deus") == "none"


def test_a_verb_denied_behind_itself_is_no_success() -> None:
    assert said("O servidor já normalizou.", "normalizou nada") == "none"
    assert said("Sua senha chegou?", "chegou não") == "none"
