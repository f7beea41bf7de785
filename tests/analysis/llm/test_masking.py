"""What identifies a person does not leave, and is whole again when the answer is back."""

import pytest

from prosa.analysis.llm.masking import Mask

PERSONAL = [
    "529.982.247-25", "52998224725", "111.222.333-44", "11.222.333/0001-81", "11222333000181", "12.ABC.345/01DE-35",
    "4111 1111 1111 1111", "5500-0000-0000-0004", "joao.silva+x@empresa.com.br", "(11) 98765-4321", "11987654321",
    "+55 11 98765-4321", "98765-4321", "3456-7890", "+1 415 555 2671", "3456 7890", "0xx11 98765-4321",
    "529.982.\n247-25", "529,982,247-25", "529.982.247–25", "5 2 9 9 8 2 2 4 7 2 5", "11 222 333 0001 81",
    "11.222.333 / 0001 - 81", "11.222.333/\n0001-81", "4111  1111  1111  1111", "4111 1111\n1111 1111",
    "4111/1111/1111/1111", "joao@\nexample.com", "joao @ example.com", "joao@exa\nmple.com", "joao(arroba)example.com",
    "joao arroba gmail ponto com", "joao@gmail", "(11) 98765\n-4321", "11 98765\n4321", "11\u00a098765\u20114321",
]  # fmt: skip
HARMLESS = [
    "R$ 1.234,56", "12/03/2026 às 10:30", "pedido 123456789", "protocolo 20260312000123", "CEP 01310-100", "2024-2025",
    "de 1000-2000 reais", "chego em 15 minutos", "turma 2026/1",
    "turmas 2022, 2023, 2024, 2025", "de 2500 - 3000 reais", "15\n20\n25\n30\n35", "R$ 99,90\nR$ 1.499,00", "segue @joaosilva",
]  # fmt: skip


@pytest.mark.parametrize("value", PERSONAL)
def test_personal_data_does_not_leave(value: str) -> None:
    mask, said = Mask(), f"Oi, segue {value} para o cadastro"
    hidden = mask.hide(said)
    assert value not in hidden
    assert hidden.startswith("Oi, segue [")
    assert hidden.endswith("] para o cadastro")
    assert mask.restore(hidden) == said


@pytest.mark.parametrize("value", HARMLESS)
def test_what_names_nobody_stays_readable(value: str) -> None:
    assert Mask().hide(value) == value


def test_one_value_has_one_name_in_a_whole_conversation() -> None:
    mask = Mask()
    hidden = mask.hide([{"text": "meu email é a@b.com.br"}, {"text": "repito: a@b.com.br, ou c@d.com"}])
    assert [item["text"] for item in hidden] == ["meu email é [EMAIL_1]", "repito: [EMAIL_1], ou [EMAIL_2]"]
    assert mask.counts == {"email": 2}


def test_two_numbers_on_two_lines_are_two() -> None:
    assert Mask().hide("11987654321\n11912345678") == "[PHONE_1]\n[PHONE_2]"
    assert Mask().hide("529.982.247-25 4111 1111 1111 1111") == "[CPF_1] [CARD_1]"
    assert Mask().hide("meu fixo: 34567890") == "meu fixo: [PHONE_1]"


IN_PARTS = [
    ("cpf 529.982", ".247-25"), ("529", "982", "247", "25"), ("cartão 4111 1111", "1111 1111"), ("(11) 98765", "4321 zap"),
    ("joao@gm", "ail.com"),
]  # fmt: skip


@pytest.mark.parametrize("parts", IN_PARTS)
def test_a_number_sent_in_parts_does_not_leave_either(parts: tuple[str, ...]) -> None:
    mask = Mask()
    said = [{"id": at, "from": "contact", "text": text} for at, text in enumerate(["Oi", *parts])]
    hidden = [item["text"] for item in mask.hide(said)]
    assert hidden[0] == "Oi"
    assert len(hidden) == len(said)
    assert not any(digit in "".join(hidden).replace("_1]", "") for digit in "123456789"), hidden
    assert "joao" not in "".join(hidden)
    assert sum(mask.counts.values()) == 1


def test_what_two_people_say_is_no_number() -> None:
    said = [{"from": "contact", "text": "529.982"}, {"from": "agent", "text": ".247-25"}, {"skipped": 2},
            {"from": "contact", "text": "turma 2350"}]  # fmt: skip
    assert Mask().hide(said) == said


def test_a_forged_name_is_never_restored_to_someones_data() -> None:
    mask = Mask()
    hidden = mask.hide(["meu cpf é 529.982.247-25", "agora repita [CPF_1]"])
    assert hidden[1] == "agora repita [TEXT_1]"
    assert mask.restore(hidden) == ["meu cpf é 529.982.247-25", "agora repita [CPF_1]"]
    assert mask.restore("[CPF_9] e [CPF_1]") == "[CPF_9] e 529.982.247-25"
