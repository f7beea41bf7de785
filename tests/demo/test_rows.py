import json

from prosa.demo.rows import json_text, text


def test_what_would_end_a_field_or_a_row_is_escaped() -> None:
    assert text("a\tb\nc\\d") == "a\\tb\\nc\\\\d"


def test_json_encoded_twice_is_a_json_string_that_holds_json() -> None:
    unescaped = json_text({"é": "\x00"}, twice=True).replace("\\\\", "\\")
    assert json.loads(json.loads(unescaped)) == {"é": "\x00"}
