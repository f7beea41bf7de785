"""English: what contacts say when they stay, and what only looks like a farewell."""

from prosa.conversations.closure.model import Signal

OPEN = {
    Signal.AFTERTHOUGHT: """
        actually|oh|wait|also * one more|last|other|another thing|question, one more thing|question,
        one last thing|question, another thing|question, just one more,
        just one|a quick? thing|question, a quick question, quick question,
        actually i|can|could|one|wait|before|there, oh wait, before you|i|we go|close|leave, i forgot,
        forgot to, almost forgot, i just remembered, while youre at it, while im here,
        on second thought, by the way, btw, speaking of, changed my mind, other thing, something else i,
        i do have|need, i have a|another|one question, hold on a|one""",
    Signal.KEEP_OPEN: """
        dont close|end, not done, im not done|finished, not finished, thats not all, do not close|end,
        keep it|this open, dont go, not so fast""",
    Signal.QUESTION: """
        what, whats, which, how much|many|long|far|do|does|is|are|can|about|would|often|soon, how,
        where, when is|are|does|do|will|can, who is, why, can you|i|we|they, could you|i|we|they,
        would you|it|they|there, do you|they|i|we, does it|that|this|the|they,
        is it|there|that|this|the|he|she, are there|they|you|the, is there, will it|you|they|there,
        did you|it|they, have you, has it, should i, may i, any other|others|chance|idea|more, or maybe,
        and parking|price|delivery|the|what|how|if|for|on, or just|is|the""",
    Signal.REQUEST: """
        i wish to, i also wish,
        i want, i need, id? like you to, i would|will like|love|need|want|rather|prefer,
        id like|love|need|prefer|rather, id also like|love, i also need|want|would, i would also,
        i will also, im looking|searching|trying, im interested, i am looking|interested|searching,
        i still need, im going to need, ill need|take|also, i wanna, please, find me, show me, tell me,
        get me, give me, send me, book me, lets|let us see|look|find|book|try|do|go|check|get,
        make it|a|me|that, call me, help me, need to, need help, need a|an|some, want to, like to,
        looking for, something|anything|anyone else|different|cheaper|better, what else, anything else,
        another one|option, make that, hook me up, all i want|need is, need you to, i asked for""",
    Signal.COMMAND: """
        find, send, book, reserve, search, look for|up|into, play, check, change, add, schedule, cancel,
        transfer, reschedule, update, remove, buy, purchase, order, rent, try, proceed, put, set, reply,
        return it|my|the, refund, explain, make, give, get, call, tell, fix, forward, resend, confirm,
        upgrade, switch""",
    Signal.PROBLEM: """
        doesnt|didnt|dont|isnt|wasnt work|working|help|understand|get|see|open|load,
        cant|couldnt|wont|havent|hasnt|not work|working|help|understand|get|see|open|load,
        doesnt|didnt|dont|isnt|wasnt arrived|received|resolved|fixed|sure|know|right|correct,
        cant|couldnt|wont|havent|hasnt|not arrived|received|resolved|fixed|sure|know|right|correct,
        still not|no|nothing|waiting|broken|the|doesnt|isnt|cant|didnt|havent|hasnt|having, i still,
        its still, not yet, wrong, broken, error, problem|problems, issue, complaint, ridiculous,
        terrible, useless, unacceptable, disappointed, never arrived|received|came, missing, failed,
        crashed, overcharged, charged twice, late, delayed, nothing happened|changed,
        no one|nobody * called|replied|answered, havent heard,
        still broken|down|failing|getting|see|seeing|having|shows|says|same|wrong|missing|offline|slow,
        went down|offline again?, stopped working, happened again""",
    Signal.HOLD: """
        one|a|just moment|minute|sec|second|min, just a|one moment|minute|sec|second|min, hold on,
        hang on, wait, give me a|one, brb, be right back, ill be right back, ill be back,
        let me|lemme check|see|look|find|try|test|get|grab|verify|read,
        i? ill|will check|try|test|send|look|let|get|find|grab|upload|forward, i? ill|will let you know,
        im checking|trying|sending|driving|looking, in a minute|moment|sec, bear with me, trying it|now,
        sending it|now, ttyl with, ill send""",
    Signal.WAITING: """
        waiting, i? ill|will wait, ill be waiting, awaiting, looking forward to your|hearing|the,
        i await, keep me posted|updated|informed, let me know, please advise,
        i? ill|will wait for|until""",
    Signal.BUT: "but, however, except, although, though i, only problem",
    Signal.GREETING: "hi, hello, hey, hiya, good morning",
}

NEUTRAL = {
    Signal.OTHER_SENSE: """
        no thanks to, thanks to the|my|your|you, thanksgiving,
        say|said|saying|says|tell|told thanks|goodbye|bye|thank,
        later today|this|tonight|than|on|in|flight|time|date|one|tomorrow|at|show|that|the,
        a|any|some|little|bit|much|hour|hours|day|days|something later,
        good until|for|at|on|price|restaurant|one|place|movie|option|song|time|rating|in|with|enough for,
        bye week, not good|great|ok|perfect|right|cool|fine|nice|bad for,
        nice restaurant|hotel|place|to|if|day|one|in|place, right now, right away,
        right one|time|place|there|size, right, fine dining, cool place, take care of,
        thats all you|they|it|he|she, is that all|it|everything, all good but, sounds like, great but,
        if thats|it, no problem is, not sure, good question, good places|movies|food, nice places,
        see you have|are|can|dont, i see that|you|a|the|there, see what|if|it|the|them|that|some|a|how,
        cheers is, better later, not enough, not helpful, not very helpful, make sure, order number,
        order, my order, check in, check out, call center, set up, return flight|date|trip,
        would not|wouldnt, wont work, that wont|doesnt|isnt|wouldnt|dont work|good|do|help|fit|right|it,
        thats|thats not no|not good|right|it|correct|what|enough|okay|ok?, book club, good news,
        so long as, as long, i need now, whatever you need, appreciate if|a|help|some,
        i would|id appreciate, be appreciated, what i need|needed|wanted|want|was""",
}
