"""How a conversation goes: a campaign, a bot, a person, what is forgotten, and how it ends."""

from random import Random

from prosa.demo import attributes
from prosa.demo.cast import EMAIL, OPERATOR, WHATSAPP, Agent, Bot
from prosa.demo.grammar import Turn
from prosa.demo.library import Dialogue, Library
from prosa.demo.rhythm import DAY, HOUR, around, when_open
from prosa.demo.story import NotYet, Story, customer_says, play
from prosa.demo.thread import Thread
from prosa.demo.vocabulary import NOBODY, PENDING, SNOOZED

_CAMPAIGN, _CAMPAIGN_ANSWERED = 0.03, 0.35
_SECOND_MATTER, _RETURNS, _SURVEY_ANSWERED = 0.3, 0.08, 0.34
_RATINGS = {"good": (5, 5, 5, 5, 4), "neutral": (5, 5, 4, 4, 3, 5, 2), "bad": (1, 1, 2, 2, 3, 1)}


def tell(thread: Thread, library: Library, agent: Agent, now: float, rng: Random) -> str:
    """Fill `thread` with one conversation up to `now`; returns the subject, for e-mail."""
    story = Story(thread, library, agent, now, rng, thread.created)
    subject = library.line("assunto") if thread.inbox.channel_type == EMAIL else ""
    try:
        if _campaign(story):
            dialogue = library.dialogue(thread.inbox)
            _live(story, dialogue, subject)
    except NotYet:
        pass
    return subject


def _live(story: Story, dialogue: Dialogue, subject: str) -> None:
    """Opening, bot, person, end."""
    thread, turns = story.thread, dialogue.turns
    spoken = next((i for i, turn in enumerate(turns) if turn.speaker != "C"), len(turns))
    bot = thread.inbox.bot
    if bot and bot.hands_over:
        thread.status = PENDING
    _open(story, turns[:spoken], subject)
    if bot and dialogue.scenario.only == "bot":
        play(story, turns[spoken:], bot)
        _bot_end(story, bot)
        return
    if bot:
        _triage(story, bot)
    if story.rng.random() < thread.company.unanswered:
        if story.rng.random() < 0.4:
            play(story, story.library.fragment("cobranca"), bot)
    else:
        _assign(story, dialogue)
        play(story, turns[spoken:], bot)
        if story.rng.random() < _SECOND_MATTER and thread.inbox.channel_type != EMAIL:
            play(story, story.library.fragment("aproveitando"), bot)
    _end(story, dialogue)


def _open(story: Story, turns: list[Turn], subject: str) -> None:
    """The customer's first words, and what Chatwoot answers by itself."""
    thread, rng = story.thread, story.rng
    segment = thread.company.account.segment
    story.at -= 0.38
    for number, turn in enumerate(turns):
        at = story.wait(around(9, rng) if number else 0)
        extra = attributes.of_first_message(thread.inbox, segment, rng) if not number else None
        customer_says(story, turn, at, subject, extra)
        if not number and thread.inbox.greeting:
            thread.template(story.wait(0.5), thread.inbox.greeting)
    if when_open(story.at, thread.company, thread.offset, rng) > story.at:
        if thread.inbox.working_hours:
            thread.template(story.wait(1), thread.company.off_hours)
        elif not thread.inbox.bot and rng.random() < 0.6:
            sender = f"User\t{OPERATOR.id}" if rng.random() < 0.2 else NOBODY
            thread.automation_says(story.wait(2), thread.company.off_hours, sender, thread.company.account.account_id)


def _campaign(story: Story) -> bool:
    """Begin some conversations with a campaign's message. Returns whether the customer speaks next."""
    thread, rng = story.thread, story.rng
    if thread.inbox.channel_type != WHATSAPP or rng.random() > _CAMPAIGN:
        return True
    text = story.named(story.library.line("campanha"))
    thread.campaign_says(story.at, text, OPERATOR, thread.company.account.account_id)
    if rng.random() > _CAMPAIGN_ANSWERED:
        return False
    story.wait(around(2 * HOUR, rng))
    return True


def _triage(story: Story, bot: Bot) -> None:
    """The bot asks what it is about and hands over to a person."""
    if story.rng.random() < 0.85:
        play(story, story.library.fragment("triagem"), bot)
    if bot.hands_over:
        story.thread.hand_off(story.wait(1.5))


def _assign(story: Story, dialogue: Dialogue) -> None:
    """A person takes the conversation, after a while."""
    thread, agent, rng = story.thread, story.agent, story.rng
    at = story.wait_for_agent(around(agent.speed * 0.8, rng))
    thread.assignee = agent
    thread.activity(at, f"{agent.name} atribuiu a si mesmo(a) esta conversa")
    teams = {name: number for number, name in thread.company.teams}
    team = dialogue.scenario.team
    if team in teams and rng.random() < 0.7:
        thread.team_id = teams[team]
        thread.activity(story.wait(0.5), f"Atribuído a {team} por {agent.name}")
    if rng.random() < (0.6 if dialogue.scenario.mood == "bad" else 0.12):
        thread.priority = rng.choice((2, 3) if dialogue.scenario.mood == "bad" else (0, 1, 2))
    if dialogue.scenario.labels and rng.random() < 0.8:
        thread.labels = dialogue.scenario.labels
        thread.activity(story.wait(1), f"{agent.name} adicionou {', '.join(thread.labels)}")


def _bot_end(story: Story, bot: Bot) -> None:
    """End without a person: the bot settles it, or the customer goes away halfway."""
    thread = story.thread
    if story.rng.random() < 0.85:
        at = story.wait(around(600, story.rng))
        thread.resolve(at, f"Conversa foi marcada como resolvida por {bot.name}", None)
        if bot.hands_over:
            thread.bot_resolved(at + 0.01)


def _end(story: Story, dialogue: Dialogue) -> None:
    """End the conversation: by the person, by the clock, put off, or simply left open."""
    thread, rng = story.thread, story.rng
    if rng.random() < 0.12 and thread.assignee:
        thread.note(story.wait(around(40, rng)), story.named(story.library.line("nota")), story.agent)
    if thread.first_reply and rng.random() < thread.company.resolved:
        _resolve(story, dialogue)
        if rng.random() < _RETURNS:
            story.wait(around(30 * HOUR, rng))
            play(story, story.library.fragment("retorno"), None)
            _resolve(story, dialogue)
    elif rng.random() < 0.05:
        thread.status = SNOOZED
    elif thread.company.auto_resolve_days:
        days = thread.company.auto_resolve_days
        at = story.wait(days * DAY + around(600, rng))
        thread.resolve(at, f"Conversa marcada como resolvida pelo sistema devido a {days} dias de inatividade", None)


def _resolve(story: Story, dialogue: Dialogue) -> None:
    """Have the agent close it. If the inbox asks for that, the customer is asked how it was."""
    thread, rng, agent = story.thread, story.rng, story.agent
    thread.resolve(story.wait(around(240, rng)), f"Conversa foi marcada como resolvida por {agent.name}", agent)
    if not thread.inbox.csat:
        return
    at, mood = story.wait(1), dialogue.scenario.mood
    answered = at + around(400, rng)
    answer = None
    if rng.random() < _SURVEY_ANSWERED and answered < story.now:
        rating = rng.choice(_RATINGS[mood])
        word = "csat_bom" if rating > 3 else "csat_ruim"
        answer = (rating, story.library.line(word) if rng.random() < 0.45 else "", answered)
    thread.survey(at, "Por favor, classifique esta conversa", answer)
