"""Turn by turn: who speaks when, as fast as people are, within opening hours."""

from dataclasses import dataclass
from random import Random

from prosa.demo import attributes
from prosa.demo.cast import EMAIL, TWILIO, WHATSAPP, Agent, Bot
from prosa.demo.grammar import OPEN_PLACES, Turn
from prosa.demo.library import Library, cast
from prosa.demo.rhythm import DAY, HOUR, around, when_open
from prosa.demo.thread import Thread

_OWN_PHONE = 0.07
"""Share of an agent's WhatsApp messages typed on the company's phone."""


class NotYet(Exception):
    """The next happening lies after `now`: the conversation is still going on."""


@dataclass(slots=True)
class Story:
    """A thread being told, with its clock."""

    thread: Thread
    library: Library
    agent: Agent
    now: float
    rng: Random
    at: float

    def wait(self, seconds: float) -> float:
        """Let time pass; raises NotYet beyond `now`."""
        self.at += max(seconds, 0.4)
        if self.at >= self.now:
            raise NotYet
        return self.at

    def wait_for_agent(self, seconds: float) -> float:
        """Let a person take this long; people mostly work within opening hours."""
        target = self.at + seconds
        if self.rng.random() > 0.06:
            target = when_open(target, self.thread.company, self.thread.offset, self.rng)
        return self.wait(target - self.at)

    def named(self, text: str) -> str:
        """The text with names and the greeting of the hour in it."""
        if not OPEN_PLACES.search(text):
            return text
        local_hour = int((self.at + self.thread.offset) % DAY // HOUR)
        return cast(text, self.thread.contact.first_name, self.agent.name.partition(" ")[0], local_hour)


def customer_says(
    story: Story, turn: Turn, at: float, subject: str = "", extra: dict[str, object] | None = None
) -> None:
    """One message of the customer, with what its channel adds."""
    thread = story.thread
    content = story.named(turn.text)
    if thread.inbox.channel_type == EMAIL:
        plain = content.replace("\\n", "\n")
        extra = attributes.of_email(thread.inbox, thread.contact.email or "", subject, plain, story.rng)
    thread.contact_says(at, content, extra or attributes.of_contact_message(thread.inbox, story.rng))


def play(story: Story, turns: list[Turn], bot: Bot | None) -> None:
    """Turn by turn, each after the time that its speaker needs."""
    thread, rng, agent = story.thread, story.rng, story.agent
    before = "C"
    for turn in turns:
        speaker = turn.speaker
        if turn.pause:
            story.wait((20 + 40 * rng.random()) * HOUR)
        if speaker == "C":
            long = before != "C" and rng.random() < 0.07
            pause = 3 * HOUR if long else 14 if before == "C" else 75
            customer_says(story, turn, story.wait(around(pause, rng)))
        elif speaker == "B" and bot:
            thread.bot_says(story.wait(1 + 4 * rng.random()), story.named(turn.text), bot)
        elif speaker == "N":
            thread.note(story.wait_for_agent(around(60, rng)), story.named(turn.text), agent)
        else:
            at = story.wait_for_agent(around(22 if before == "A" else agent.speed * 0.4, rng))
            echo = thread.inbox.channel_type == WHATSAPP and rng.random() < _OWN_PHONE
            template = "retomada" if turn.pause and thread.inbox.channel_type in (WHATSAPP, TWILIO) else ""
            thread.agent_says(at, story.named(turn.text), agent, echo=echo and not template, template=template)
        before = speaker
