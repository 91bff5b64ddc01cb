"""The sentences of the synthetic corpus: templates with word lists, more than 1000 different words.

Commands to a house and everyday sentences of two to five words, in the letters of
`wqlite.models.ctc`. Which split a sentence belongs to follows from its letters alone, so that no
test sentence is ever trained on, whatever the seeds and the sizes of the corpora.

Example:
```python
sentence = draw_sentence(np.random.default_rng(0), "train")    # "open the old kitchen door"
```
"""

from __future__ import annotations

import zlib

import numpy as np

WORDS = {
    name: tuple(words.split())
    for name, words in {
        "NAME": """adam alice amy andrew anna arthur barbara ben betty carl carol charles claire
            daniel diana dorothy edward ella emily emma eric frank george grace harry hazel helen
            henry jack james jane jennifer john joseph julia karen kevin laura leo lily lucy
            maria mark martin mary max michael nancy nicholas nora oliver oscar patrick paul
            peter rachel richard robert rose ruth sally sam sarah simon sophie steven susan
            thomas tina victor walter william""",
        "PERSON": """actor artist author baby baker barber boss boy bride brother builder butcher
            captain chef child clerk clown coach colonel cousin dancer daughter dentist doctor
            driver editor engineer farmer father fisherman gardener gentleman girl grandmother
            guard guest guide hero hunter husband judge king lady lawyer librarian manager mayor
            mechanic merchant miner mother musician neighbour nephew nurse painter parent pilot
            pirate player poet policeman president priest prince princess prisoner professor
            queen sailor scientist secretary servant sheriff singer sister soldier stranger
            student surgeon tailor teacher thief tourist tutor twin uncle waiter widow winner
            witness woman writer""",
        "ANIMAL": """ant bat bear beaver bee bird butterfly camel cat chicken cow crab crow deer
            dog dolphin donkey dragon duck eagle elephant falcon fish fly fox frog giraffe goat
            goose hamster hawk hen horse insect kangaroo kitten lamb leopard lion lizard lobster
            monkey mouse otter owl panda parrot penguin pig pigeon pony puppy rabbit rat salmon
            shark sheep snail snake spider squirrel swan tiger turkey turtle whale wolf worm
            zebra""",
        "THING": """anchor apron arrow axe bag ball balloon banner barrel basket bell belt
            blanket boat book bottle bowl box bracelet branch brick bridge broom brush bucket
            button camera candle canvas card carpet cart chain chair chalk coat coffin coin
            collar comb compass cotton cradle crown cup curtain cushion desk diamond dish doll
            dress drum engine envelope fence feather flag flower flute fork fountain frame gate
            gift glass glove guitar hammer hat helmet hook jacket jewel journal kettle key knife
            ladder lantern leather letter lock magazine map mask mirror motor nail necklace
            needle net newspaper notebook oven package paint paper pencil perfume piano picture
            pillow pipe pistol plate pocket poster purse puzzle ribbon ring rope ruler saddle
            sail scarf scissors shell shelf shield shirt shoe shovel silver skirt soap sock sofa
            spoon stamp statue stick stone stool suit suitcase sword table tent ticket tool towel
            toy tray treasure trumpet umbrella vase violin wagon wallet watch whistle wheel""",
        "FOOD": """apple bacon banana bean beef beer biscuit bread breakfast butter cabbage cake
            candy carrot cheese cherry chocolate coconut coffee cookie corn cream cucumber dinner
            egg garlic ginger grape ham honey jam juice lemon lemonade lettuce lunch mango meat
            melon milk mushroom mustard noodle nut olive onion orange pancake pasta peach peanut
            pear pepper pickle pie pizza plum pork potato pudding pumpkin rice salad salt
            sandwich sausage soup spinach steak strawberry sugar supper tea toast tomato vanilla
            vinegar walnut wine yogurt""",
        "PLACE": """airport attic bakery balcony bank barn basement bathroom beach bedroom cabin
            castle cathedral cellar chapel church cinema city classroom coast college corner
            cottage country desert factory farm field forest garage garden hall harbour hill
            hospital hotel house island jungle kitchen lake library market meadow mill mountain
            museum ocean office palace park pool prison restaurant river school shop stable
            stadium station street studio theatre tower town tunnel valley village warehouse yard
            zoo""",
        "DEVICE": """alarm clock computer fan fridge heater lamp laptop light machine phone
            printer radio screen speaker stove television tablet toaster vacuum""",
        "OPENING": """cupboard door drawer garage gate lid window""",
        "COLOUR": """black blue brown golden green grey pink purple red scarlet silver white
            yellow""",
        "QUALITY": """ancient beautiful big broken cheap clean clever cold curious dark dirty dry
            dusty elegant empty enormous expensive famous fancy fat foreign fragile fresh funny
            gentle giant happy heavy hidden huge hungry large lazy little lonely long lost loud
            lovely lucky modern narrow new noisy old perfect plain plastic polite poor precious
            pretty proud quiet rare rich rough round royal sad secret shiny short silent simple
            slow small smooth soft special square steep strange strong tall thick thin tiny tired
            ugly useful warm weak wet wide wild wise wonderful wooden young""",
        "FEELING": """afraid angry asleep awake bored brave busy calm careful confused excited
            friendly glad grateful honest jealous kind nervous patient pleased ready serious shy
            sick sorry stupid surprised upset worried wrong""",
        "HANDLED": """admired borrowed bought broke brought built burned buried carried caught
            chose cleaned collected counted covered designed destroyed discovered dropped
            examined finished fixed followed forgot found gave grabbed guarded hated held hid
            ignored imagined kept kicked lifted lost loved made measured mended missed needed
            noticed offered opened ordered owned painted passed picked planned pulled pushed
            raised recognized refused remembered repaired returned saved saw sent shared showed
            sold stole threw took touched traded used wanted washed watched wrapped""",
        "MET": """admired answered asked blamed called chased cheered invited helped hugged
            joined kissed knew married met obeyed phoned praised pushed saved surprised taught
            thanked trusted visited warned welcomed""",
        "MOVED": """arrived climbed danced disappeared drove fell fled flew hurried jumped landed
            laughed marched played rested returned sang sat shouted slept smiled stayed stood
            stopped swam travelled waited walked wandered whispered worked""",
        "HANDLE": """bring buy carry choose clean collect count draw drop empty fetch fill find
            fix give grab hide hold keep leave lift move order paint pass pull push repair save
            sell send share throw touch use wash watch wrap""",
        "ATE": "ate baked boiled cooked finished fried hated liked loved ordered tasted wanted",
        "HOW": """again alone already badly carefully certainly early easily finally gently
            gladly happily instantly lately later loudly never often once outside quickly quietly
            rarely sadly safely silently slowly softly soon suddenly together twice usually well
            wildly""",
        "WHEN": """afterwards always everyday forever immediately today tomorrow tonight
            yesterday""",
        "DAY": "monday tuesday wednesday thursday friday saturday sunday",
        "MONTH": """january february march april may june july august september october november
            december""",
        "SEASON": "autumn winter spring summer",
        "NUMBER": """two three four five six seven eight nine ten eleven twelve thirteen fourteen
            fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy
            eighty ninety""",
        "HOUR": "one two three four five six seven eight nine ten eleven twelve",
        "ORDINAL": "first second third fourth fifth sixth seventh eighth ninth tenth last next",
        "UNIT": """cents days degrees dollars feet hours inches litres metres miles minutes
            months percent pounds seconds weeks years""",
        "WEATHER": """cloudy cool foggy freezing hot icy mild misty rainy snowy stormy sunny
            windy""",
        "MUSIC": "blues classical concert dance folk jazz music opera rock song",
        "BODY": """ankle arm back beard bone brain cheek chest chin ear elbow eye face finger
            foot forehead hair hand head heart heel knee leg lip mouth neck nose shoulder stomach
            thumb toe tongue tooth wrist""",
        "VEHICLE": """airplane ambulance bicycle boat bus canoe car ferry helicopter jet lorry
            motorcycle rocket scooter ship submarine taxi tractor train tram truck van yacht""",
        "SUBJECT": """art biology business chemistry culture danger dream economy education
            energy evidence freedom geography history industry justice knowledge language law
            love luck magic mathematics medicine nature peace philosophy physics poetry politics
            power religion science silence sport success truth victory war wealth""",
        "LAND": """africa america asia australia brazil canada china egypt england europe france
            germany greece india ireland italy japan mexico norway poland russia scotland spain
            sweden""",
        "OWNER": "her his my our the their this your",
        "WHO": "he i she they we you",
        "MODAL": "can could may might must should will would",
        "SHORT": "can't couldn't didn't don't shouldn't won't wouldn't",
        "BE": "he's i'm it's she's that's they're we're you're",
        "WHERE": "above behind beneath beside inside near under",
        "TO": "across around through toward past into from",
    }.items()
}
"""The word lists; their names stand for one of their words in `TEMPLATES`."""

TEMPLATES = tuple(
    line.strip()
    for line in """
    turn on the DEVICE
    turn off the PLACE DEVICE
    please turn the DEVICE down
    switch the COLOUR DEVICE on
    open the PLACE OPENING
    please close the OPENING
    lock the QUALITY OPENING
    set an alarm for HOUR thirty
    wake me at half past HOUR
    set the DEVICE to NUMBER degrees
    play some MUSIC music
    play the ORDINAL song
    call NAME on DAY
    send NAME a message
    remind NAME about DAY
    add FOOD and FOOD
    order NUMBER FOOD sandwiches
    start the DEVICE WHEN
    stop the VEHICLE
    drive to the PLACE
    show me the PLACE
    tell me about LAND
    tell NAME about SUBJECT
    read about SUBJECT and SUBJECT
    how far is LAND
    is it WEATHER in LAND
    what is the weather DAY
    it was WEATHER in MONTH
    a WEATHER day in SEASON
    the DAY meeting is early
    it takes NUMBER UNIT
    about NUMBER UNIT ago
    only NUMBER UNIT left
    where is OWNER THING
    where did NAME go
    who HANDLED OWNER THING
    why did the PERSON leave
    NAME HANDLED OWNER THING
    NAME HANDLED the QUALITY THING
    the PERSON HANDLED OWNER THING
    the PERSON MET NAME
    NAME MET the QUALITY PERSON
    the QUALITY PERSON MOVED HOW
    the ANIMAL MOVED HOW
    the QUALITY ANIMAL MOVED
    a COLOUR ANIMAL MOVED HOW
    the PERSON MOVED WHERE me
    NAME MOVED TO the PLACE
    the ANIMAL MOVED TO OWNER PLACE
    HANDLE the COLOUR THING
    HANDLE OWNER THING WHEN
    please HANDLE the THING HOW
    WHO MODAL HANDLE OWNER THING
    WHO SHORT HANDLE the THING
    WHO ATE the FOOD
    NAME ATE QUALITY FOOD
    the PERSON ATE FOOD soup
    BE very FEELING
    BE FEELING and FEELING
    NAME is FEELING WHEN
    the PERSON looks FEELING
    BE a QUALITY PERSON
    the QUALITY THING is COLOUR
    a THING WHERE the PLACE
    OWNER BODY hurts
    NAME hurt OWNER BODY
    OWNER VEHICLE is COLOUR
    the VEHICLE to LAND
    the ORDINAL VEHICLE TO LAND
    the PLACE is QUALITY
    a QUALITY PLACE in LAND
    we study SUBJECT
    SUBJECT is QUALITY
    NAME and NAME MOVED HOW
    the PERSON and the ANIMAL
    NUMBER QUALITY VEHICLE doors
    my ORDINAL THING
    """.strip().splitlines()
)
"""Sentences; a word in capitals stands for one of `WORDS`."""

SHARES = {"test": range(0, 1), "validation": range(1, 2), "train": range(2, 10)}
"""Tenths of all sentences by split."""


def vocabulary(words_of_a_kind: int | None = None) -> frozenset[str]:
    """All words that sentences are made of, or those that `draw_sentence` makes with a limit."""
    plain = {word for template in TEMPLATES for word in template.split() if word not in WORDS}
    return frozenset(plain).union(*(words[:words_of_a_kind] for words in WORDS.values()))


def split_of(sentence: str) -> str:
    """The split, a key of `SHARES`, that a sentence belongs to."""
    tenth = zlib.crc32(sentence.encode()) % 10
    return next(split for split, tenths in SHARES.items() if tenth in tenths)


def draw_sentence(
    generator: np.random.Generator, split: str, words_of_a_kind: int | None = None
) -> str:
    """A random sentence of a split, of all words or of the first few of each list of `WORDS`."""
    while True:
        template = TEMPLATES[generator.integers(len(TEMPLATES))]
        words = (_draw_word(generator, word, words_of_a_kind) for word in template.split())
        sentence = " ".join(words)
        if split_of(sentence) == split:
            return sentence


def _draw_word(generator: np.random.Generator, word: str, limit: int | None) -> str:
    choices = WORDS.get(word, (word,))[:limit]
    return choices[generator.integers(len(choices))]
