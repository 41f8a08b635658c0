"""Wordings that a reply is read for, as patterns: praise, judgement, questions, asides, marks of another role.

None is sure of meaning, and what they do not know they let through. What matters most is not here: every sentence
must be accountable to the script.
"""

import re

SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+")
CLAUSE = re.compile(r"[,;:.!?…–—]|\s-\s|\b(?:and|but|so|while|whereas|though)\b")

MARKUP = re.compile(
    r"[*_#`{}\[\]<>|\\~^=@&•·→‹›()]|https?:|www\.|\w\.(?:com|org|net|io|ai)\b", re.IGNORECASE
)
LISTED = re.compile(
    r"(?:^|\n)\s*(?:(?:[-–—]|\d+[.)])\s|(?:interviewer|candidate|assistant|user|me|you)\s*:)|-{3}",
    re.IGNORECASE,
)
ROLE = re.compile(
    r"\b(?:as an? (?:ai|a\.i\.|assistant|language|artificial|llm|bot|interviewer)|"
    r"(?:large )?language model|chat ?gpt|openai|"
    r"anthropic|claude|llama|mistral|gemini|(?:an|your|the) (?:ai|llm|assistant|chatbot|bot)\b(?! assistant)|"
    r"(?:system|my|your|this) (?:prompt|instructions?|script)|the (?:script|prompt)|(?:my|the) instructions|"
    r"(?:i|i'm|i am) (?:was |am |been )?(?:told|instructed|programmed|trained|not allowed|unable|"
    r"prompted) (?:to|not|by)|"
    r"i (?:cannot|can't|can not) (?:help|assist|run|comply|provide|fulfil)|role[- ]?play|interviewer|"
    r"rephras\w+|respond(?:ing)? (?:to|with|:)|so i respond|version of|the (?:user|line|move)\b|user said|"
    r"how can i (?:help|assist)|as (?:requested|instructed|asked)|configured|(?:asked|"
    r"supposed) to (?:say|phrase|ask|press)|persona|"
    r"guardrails?|training data "
    r"cutoff|my (?:rules|guidelines|creators?|developers?)|simulat(?:ed|ion|or) (?:interview|interviewer))\b",
    re.IGNORECASE,
)
ADVERB = (
    r"(?:(?:very|really|quite|so|pretty|rather|perfectly|totally|absolutely|truly|all|just|entirely|"
    r"also|actually)\s+)*"
)
GRADES = (
    r"(?:good|great|nice|excellent|perfect|awesome|amazing|fantastic|brilliant|wonderful|superb|"
    r"impressive|interesting|"
    r"clever|smart|lovely|cool|correct|exact|outstanding|solid|fair|reasonable|sensible|valid|strong|"
    r"helpful|fine|sound|"
    r"thoughtful|insightful|astute|sharp|thorough|promising|convincing|plausible|right|true|"
    r"spot[- ]on|neat|sweet|"
    r"splendid|terrific|marvell?ous|stellar|commendable|nuanced|mature|well[- ]\w+|better|best|wise|"
    r"key|important|"
    r"useful|elegant|careful|crucial|weak|poor|bad|wrong|disappointing|vague|shallow|naive|messy)"
)
OPENER = r"(?:(?:so|ok|okay|yes|yeah|yep|well|and|but|ah|oh|hm+|mm+|alright|all right|now|wow|i see|sure)[\s,.!:-]+)*"
APPRAISAL = re.compile(
    rf"(?:^|[.!?…]\s+)(?!all right){OPENER}{ADVERB}{GRADES}(?=\s*(?:[.,!;:–—-]|$))"
    rf"|(?:^|[.!?…]\s+){OPENER}(?:an?\s+)?{ADVERB}{GRADES}\s+(?:point|points|idea|ideas|question|"
    rf"questions|answer|"
    r"answers|thinking|thought|thoughts|call|catch|choice|start|stuff|work|job|one|ones|way|approach|"
    r"design|instinct|"
    r"move|plan|observation|reasoning|direction|insight|framing|setup|progress|structure|so far|enough|there)\b"
    r"|\b(?:that|this|it|which|those|these|what you (?:say|said|have|propose|describe)|your \w+|you|"
    r"you've)(?:'s|'re| is| are|"
    rf" was| were| sounds?| seems?| looks?| feels?| makes?)\s+(?:like\s+)?(?:an?\s+)?{ADVERB}{GRADES}\b"
    rf"|\b(?:sounds|looks|seems)\s+(?:like\s+)?(?:an?\s+)?{ADVERB}{GRADES}\b"
    rf"|\b(?:such an?|what an?|some|your|a)\s+{ADVERB}(?:great|nice|excellent|perfect|awesome|amazing|"
    rf"fantastic|brilliant|"
    r"wonderful|superb|impressive|clever|smart|lovely|outstanding|thoughtful|insightful|astute|solid)\b"
    r"|\b(?:makes?|made|making)\s+(?:\w+\s+){0,2}sense\b"
    r"|\bhats off\b|\b(?:done|seen|built) (?:this|that|it|one|such things) before\b"
    r"|\bi\s+(?:\w+ly\s+)?(?:like|liked|love|loved|enjoy|enjoyed|admire|appreciate|agree|agreed|buy)\b"
    r"|\b(?:fair enough|good enough|nicely|nailed|agreed|you(?:'ve)? (?:clearly|obviously|really|"
    r"certainly|definitely|seem to|know what|do know)|(?:have )?(?:said|put) it better|brilliantly|"
    r"beautifully|excellently|"
    r"impressive(?:ly)?|impressed|bravo|"
    r"kudos|congrat\w*|well (?:done|put|said|thought|reasoned|argued|spotted|played)|keep (?:it up|"
    r"going like)|great|excellent|"
    r"fantastic|awesome|amazing|superb|terrific|love it|love that|on the right track|you are right|"
    r"you're right|happy with (?:that|"
    r"this|your)|thank you for (?:that|the|your)|thanks for (?:that|the|your)|going well|"
    r"doing (?:well|great|fine)|way to go|"
    r"glad (?:you|that you)|pleased|as (?:i|we) (?:had )?hoped|exactly(?=[.,!]|$))\b",
    re.IGNORECASE,
)
NODDING = re.compile(
    r"^\W*(?:(?:so|ok|okay|well|ah|oh|hm+)\W+)*(?:yes|yeah|yep|yup|correct|right|exactly|agreed|true|"
    r"indeed)\b(?! now)",
    re.IGNORECASE,
)
MARKS = re.compile(
    r"\b(?:rubrics?|scor(?:e|es|ed|ing|ecard)|grad(?:e|es|ed|ing)|marks?|criteri(?:a|on)|"
    r"points?(?: for| off| here)|points|(?:strong|lean|weak|clear|solid) (?:yes|no)|"
    r"(?:full|extra|bonus|more|no|lose|gain|earn|get|got) (?:points|credit|marks)|partial credit|"
    r"assess(?:ed|ing|ment|or)|"
    r"(?:strong|weak|good|model|ideal|perfect|expected|senior|right|correct|complete) (?:answer|"
    r"answers|candidates?|hire|"
    r"response|responses|solution)|hiring (?:bar|committee|decision)|(?:hire|no hire|no-hire)|l[3-7]|seniority|"
    r"look(?:ing)? for|covered (?:about|nearly|almost|most|half|all|some)|(?:want|wanted|hoping|hoped|"
    r"like|waiting|expected|expecting|"
    r"expect) (?:you )?to hear|missed (?:that|the|a|one|out)|"
    r"you(?:'ve| have)? (?:forgot|forgotten|missed|overlooked|left out|skipped|passed|failed)|"
    r"(?:what|something|one thing|a thing|things) (?:is|that is|that's|you are|you're|still) missing|"
    r"still missing|out of (?:four|five|ten|4|5|10)|evaluat(?:ed|ing) you|performance (?:so far|"
    r"today)|feedback|"
    r"impress(?:es)? me|pass(?:ed|ing)? the interview|bar for|bonus|"
    r"i(?:'d| would)? (?:give|rate) (?:that|this|it|you))\b",
    re.IGNORECASE,
)
LEADING = re.compile(
    r"\b(?:for example|for instance|e\.g\.?|such as|i(?:'d| would| might| will|'ll) (?:say|use|do|go|"
    r"pick|choose|start|suggest|add|"
    r"expect you|recommend|probably|have|keep|train|build|personally)|you (?:should|might want|"
    r"would want|need to|ought to|"
    r"may want)|the (?:answer|trick|key|point) (?:is|here|would)|(?:maybe|perhaps|possibly|"
    r"probably) (?:by|with|using|via|through|a|an|"
    r"something)|like using|one (?:way|option|approach|answer|idea)|have you (?:considered|thought)|"
    r"did you (?:consider|"
    r"think)|hint|don't forget|do not forget|remember (?:that|to)|typically|usually|in practice|"
    r"in my experience|normally|"
    r"common(?:ly)?|best practice|standard|the usual|think of|consider using|let me (?:explain|give you)|"
    r"because (?:then|otherwise)|in other words|that way|which would)\b",
    re.IGNORECASE,
)
# What begins an aside about the world.
ASIDE = re.compile(
    r"\b(?:given (?:that|the|how|what)|(?:keep|bear|have|with .{1,60}) in mind|remember|"
    r"by the way|somebody told|"
    r"you (?:may|can|might) (?:assume|take it)|not supposed|for the record|between us|"
    r"between you and me|incidentally|apparently|"
    r"as you know|it turns out|fyi|spoiler|i heard|they say|off the record|for context|besides)\b",
    re.IGNORECASE,
)
TAKEN_BACK = re.compile(
    r"\b(?:i was wrong|scratch that|forget (?:what|that|it|about)|i misspoke|correction|mistaken|"
    r"no longer|ignore what|"
    r"earlier i (?:said|told)|i take (?:that|it) back|not what i said|other way round|the opposite|"
    r"the reverse|on second thought|"
    r"that has changed|actually,? (?:no|it|that|we|the|there))\b",
    re.IGNORECASE,
)
AFFIRMING = re.compile(
    r"\b(?:yes|yeah|yep|yup|right|correct|agreed|holds?|exactly|indeed|true|sure|take that|go with (?:that|it)|"
    r"(?:that|it) (?:works|fits|matches|will do)|fine|fair|works|safe to|good|assume (?:that|so|it))\b",
    re.IGNORECASE,
)
AGREEING = re.compile(
    r"(?:yes,? )?(?:that(?:'s| is) )?(?:right|correct|true|fine|agreed)", re.IGNORECASE
)
NOTING = re.compile(
    r"\b(?:not(?:ed|e)|assum\w+|as you (?:say|like|wish)|work with|hold you|on you|your (?:call|risk|"
    r"premise)|written down|"
    r"keep (?:it|that)|remember)\b",
    re.IGNORECASE,
)
LEAVING = re.compile(
    r"\b(?:your (?:call|choice|decision|pick|assumption)|up to you|you (?:decide|choose|pick|settle|"
    r"tell me)|assum\w+|leave (?:that|"
    r"it|this)|yours to|for you to|your own)\b",
    re.IGNORECASE,
)
# What may stand between the script's sentences and tells nothing.
BRIDGES = (
    r"okay|ok|all right|alright|i see|so|well|now|then|sure|of course|hm+|mm+|and|but|yes|right|"
    r"it does|it is|there is|they do|we do|"
    r"understood|noted|got it|please|"
    r"let me (?:ask|put|say|stay|go|come|pick|push|stop|turn)(?: you)?(?: (?:in|back|on|up|there|here|"
    r"with|to|this|that|it|one|thing|"
    r"question|something))*|let(?:'s| us) (?:stay|come|go|stick|take|turn|start|move)(?: (?:back|on|"
    r"there|here|with|to|at|this|that|it|the|"
    r"design|problem|step by step))*|"
    r"(?:back|coming back|going back|staying|sticking) (?:to|with|on) (?:that|this|it|there)|"
    r"(?:on|about|to|with) (?:that|this)(?: point| one| part)?|one (?:more )?(?:thing|"
    r"question)(?: on (?:that|this))?|"
    r"another (?:thing|question|point)|here(?:'s| is) (?:something|one|a question|a twist|some news)|"
    r"hold on|wait|go on|go ahead|"
    r"carry on|continue|please continue|take your time|no rush|whenever you(?:'re| are) ready|i(?:'m|"
    r" am) (?:here|listening)|"
    r"i(?:'m| am) (?:curious|wondering)|there(?:'s| is) (?:something|one thing)|before you go on|"
    r"while we(?:'re| are) at it|just so you know|"
    r"for (?:a|the) moment|a moment|first|next|again|once more|as before|same as (?:i said|before)|"
    r"as i said|by the way|in that case|"
    r"tell me|same question|my question"
)
BRIDGE = re.compile(rf"^(?:(?:{BRIDGES})\b[\s,.:;–—-]*)+", re.IGNORECASE)
# "you mentioned ...": the candidate's own words, taken up
TAKING_UP = re.compile(
    r"^(?:(?:earlier|before|just now|a moment ago|a minute ago)[\s,]*)?(?:you|you've|you have|you had|"
    r"you were)(?: just| also| already| now)?\s+"
    r"(?:said|say|mentioned|mention|talked|talking|spoke|spoken|speaking|brought|named|name|called|"
    r"call|described|describing|"
    r"proposed|propose|suggested|sketched|drew|put|picked|used|brought up)\b",
    re.IGNORECASE,
)
UNSETTLED = re.compile(
    r"(?:(?:\b(?:not|no|nothing|nobody|none|never)|n't)\b.*\b(?:know|knows|have|has|settled|specified|"
    r"decided|fixed|given|say|said|set|defined|"
    r"on that|for that|about that)|\bopen|\bunspecified|\bundecided)\b",
    re.IGNORECASE,
)
ORDERING = re.compile(
    rf"^{OPENER}(?:(?:then|please|just|let us|let's|also|next|first|finally|can you|could you)[\s,]+)*"
    r"(?:tell me|walk me|talk me|take me|show me|give me|help me|let me (?:hear|know|see|understand)|"
    r"convince me|describe|explain|"
    r"name|defend|justify|compare|say (?:what|how|why|which|who|where)|spell out|sketch|outline|"
    r"go into|elaborate|"
    r"i(?:'d| would) (?:like|love) (?:to (?:hear|know|understand|see)|you to)|i want (?:to (?:hear|"
    r"know|understand|see)|you to (?:tell|walk|describe|explain|show|take|name|defend))|"
    r"i(?:'m| am) (?:curious|interested|wondering|keen)|i wonder|put (?:a|some|numbers?)|think about)\b",
    re.IGNORECASE,
)
ASKER = r"(?:what|how|why|which|who|whose|where|when|would|could|should|do|does|did|is|are|was|were|can|will|has|have)"
PUT = re.compile(rf"^{OPENER}(?:(?:on|at|in|to|for|from|by|with|of) )?{ASKER}\b", re.IGNORECASE)
FIRST_ASKER = re.compile(rf"\b{ASKER}\b")
# "What the board reads is ...": no question, as long as no mark says so
AS_A_NOUN = re.compile(
    r"^\W*(?:what|how|where|when|which|who) (?:the|we|you|they|it|a|an|this|that|our|people)\b",
    re.I,
)
# "If you could change one thing, what ...": the question begins behind it
SETTING = re.compile(
    r"^\W*(?:(?:so|okay|ok|and|well|now|then|say|but)\W+)*(?:if|when|suppose|say|imagine|given|before|"
    r"after|once|take|since|as|for|with|"
    rf"between|in|on|at|from|to)\b[^?]*?[,:]\s+(?={ASKER}\b)"
)
# "..., and what would you do" is one more question behind the first
FURTHER = re.compile(
    rf"(?:[,;:–—]|\s-|\b(?:and|or|but|then|also|plus))\s+(?:(?:and|or|but|then|also|"
    rf"so)\s+)*{ASKER}\s+(?!not\b)\w+",
    re.IGNORECASE,
)
PAIRED = re.compile(
    r"\b(?:what|how|why|which|who|where|when)\s+(?:and|or)\s+(?:what|how|why|which|who|where|when)\b"
)
CONDITION = re.compile(
    r"\b(?:if|suppose|say|imagine|assume|when|once|picture|unless|take)\b", re.IGNORECASE
)
OPPOSITES = [
    frozenset(pair.split("/"))
    for pair in (
        "more/less more/fewer above/below over/under before/after first/last always/never "
        "increase/decrease rise/fall "
        "rise/drop high/low highest/lowest fast/slow early/late earlier/later allowed/forbidden "
        "allow/forbid with/without "
        "same/different public/private open/closed inside/outside all/none many/few most/least "
        "true/false online/offline "
        "old/new accept/refuse block/allow buy/sell long/short big/small large/small cheap/expensive "
        "rare/common "
        "often/seldom often/rarely best/worst day/night morning/evening internal/external "
        "manual/automatic hard/easy up/down "
        "grow/shrink gain/loss win/lose start/end enter/leave free/paid everybody/nobody "
        "everything/nothing full/empty "
        "directly/indirectly quickly/slowly minimum/maximum half/all better/worse weekday/weekend local/global"
    ).split()
]

OPPOSED = frozenset(word for pair in OPPOSITES for word in pair)
