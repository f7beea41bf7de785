"""Emoji, marks and files: the same in every language."""

from prosa.conversations.closure.model import Act, Signal

CONTACT = {
    Signal.FAREWELL: "👋",
    Signal.THANKS: "🙏, 🙌",
    Signal.ACK: "<sticker>, 👍, 👌, ✅, 🤝, ✔, 👏, ☑, 🆗, 🫡",
    Signal.WISH: "😘, ❤, 💙, 💚, 💜, 🧡, 💛, 🤗, 🥰, 😍, 💖, 💕, 🫶",
    Signal.PROBLEM: "😡, 🤬, 😠, 😤, 👎, 🙄, 😒",
    Signal.QUESTION: "❓, ❔, 🤔",
    Signal.PAYLOAD: "<media>, <link>",
}
AGENT = {Act.SAYS_GOODBYE: "👋", Act.CONFIRMS_DONE: "✅"}
SLANG: dict[str, str] = {}
FILLER = ""
TYPO_TARGETS = ""
TYPO_EXCEPTIONS = ""
