"""Words that no attribute has: function words, a seller's talk, measures, remains of markup."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

FUNCTION_WORDS = frozenset(
    (
        "a about above after again against all almost along already also although always am among "
        "an and another any anyone anything are around as at be became because become been before "
        "being below beside besides between both but by came can cannot come comes could d did do "
        "does doesn doing don done down during each either else enough especially etc even ever "
        "every everyone everything everywhere few for from further get gets getting give gives "
        "giving go goes going got had has hasn have haven having he her here him his how however "
        "i if in including inside instead into is isn it its itself just keep keeping keeps know "
        "let lets like ll lot lots made mainly make makes making many may maybe me might more "
        "most mostly much must my myself near need needs neither never no nor not nothing now of "
        "off often on once only onto or other others otherwise our ours out over own per perhaps "
        "put puts quite rather re really regardless s said say says see seen several shall she "
        "should simply since so some something sometimes soon still such t take takes taking than "
        "that the their theirs them themselves then there therefore these they thing things this "
        "those though through throughout thus to together too toward towards under unless until "
        "up upon us used user users uses using usually various ve very via vs was wasn way ways "
        "we well went were what whatever when whenever where wherever whether which while who "
        "whole whom whose why will with within without won would yes yet you your yours yourself "
        "yourselves"
    ).split()
)
# Function words of other languages that are no words of English.
FOREIGN_FUNCTION_WORDS = frozenset(
    (
        "aus avec con dan dans dari de del della dengan der des det di dla dll du een el et eine "
        "för für gli het ini koji les los las mit met med na och oder og oraz para pada par per "
        "por pour pro przy som sur sa til und une untuk uma van voor von yang y za zum e do da em "
        "och på av ja och és и для с на в"
    ).split()
)
NUMBER_WORDS = frozenset(
    (
        "dozen eight eleven fifth first five four fourth half hundred million nine one second "
        "seven six ten third thousand three twelve two x"
    ).split()
)
# A seller's talk, which describes no product.
TALK = frozenset(
    (
        "ability absolutely accept accepted access actual actually additional advice advise "
        "amazing amazon answer answered anytime apart application applications appreciate approx "
        "approximate approximately asap asin ask assorted assurance assured attention authentic "
        "available awesome beautiful believe best better big birthday bought brand branded brands "
        "brings business buy buyer buyers buying call carefully cart cause certain chance change "
        "chart check checkout choice choices choose choosing claim claims click clicking color "
        "colors colour colours company compatibility complaint complete completely concern "
        "concerns conditions confidence confident confirm confused consider contact contacting "
        "content contents correct cost country coupon creating currently customer customers cycle "
        "date day days deal dear decide definitely delight deliver delivered delivery demand "
        "demands depending describe described description detail details deviation deviations "
        "differ "
        "difference differences different difficulty directions disclaimer discount displayed "
        "distance due effect effects email enhance enjoy ensure ensures entire error errors exact "
        "exactly example excellent exchange exciting expect experience fantastic faq favorite "
        "featured features featuring feedback feel feeling feels fees find finding follow "
        "following forward friend friends gentle gift giftable gifts glad good goods great "
        "guarantee guaranteed guarantees guide happy help helpful helping helps hesitate "
        "highest hope hours idea ideal image images immediately important inch inches include "
        "included includes information inquiries instruction instructions introduction issue "
        "issues item items job kind kindly largest late latest lifetime listed listing "
        "longer look looking looks love loved lovely main manual manually manufacture "
        "manufactured manufacturer matter maximum mean means measure measured measurement "
        "measurements measures meet meets message minimum minute minutes model models moment "
        "money month months name names net new nice note noted notes notice number occasion "
        "occasions offer offered offering offers official ok opinion order ordered ordering "
        "orders original overall owned package packages packaging parts patience pay pending "
        "people perfect perfectly photo photos picture pictures pieces place places placing "
        "please pleasure policy popular possible prefer prefers price prices problem problems "
        "process product production products promise promptly proudly provide provided provides "
        "providing purchase purchased purchasing question questions quickly range reason reasons "
        "receive received receiving recommend recommended refer reference reflect refund replied "
        "reply request require requirements resistance respond response result results "
        "return returned returning returns review reviews sale sales satisfaction satisfied "
        "satisfy select selected selection sell seller sellers send sent service services ship "
        "shipped shipping shop shopping shown shows side similar situation situations size sized "
        "sizes sizing sku slight slightly specialized specially specific specifically "
        "specification specifications statements states styles suggest suggestion suitable surely "
        "surprise team tell term thank thanks thing think time times tip tips title today total "
        "true trust try type types understand understanding unique updated usage value varies "
        "variety vary visit want wants warning warnings warranty week weeks welcome wish wishes "
        "wonderful working world worry year years"
    ).split()
)
MEASURES = frozenset(
    (
        "amp amps bytes capsules carat cm count ct cubic cup depth diameter dimension dimensions "
        "dpi fl fluid foot ft gal gallon gallons gb gen ghz gram hz in inch inches kg khz km kw "
        "lb lbs length liter liters litre litres m mah mb meter meters mg mhz ml mm ounce ounces "
        "oz pack packs pair pairs pc pcs piece pieces pint pints pound pounds psi pt qt quart "
        "quarts sq square tb thickness volt volts w watt watts width yard yards"
    ).split()
)
MARKUP = frozenset(
    (
        "amp apos asin br class div endif gt href html http https img ldquo lt nbsp ol px quot "
        "rdquo rsquo span src strong style ul www"
    ).split()
)
PEOPLE = frozenset(
    (
        "adult adults babies baby boy boys child children dad father girl girls guys her his kid "
        "kids ladies lady man men mens mom mother mum teen teens toddler toddlers unisex woman "
        "women womens youth"
    ).split()
)
COLOURS = frozenset(
    (
        "beige black blue bronze brown burgundy charcoal clear coral cream cyan dark fuchsia gold "
        "golden gray green grey indigo ivory khaki lavender light lilac lime magenta maroon "
        "multicolor multicolour mustard navy olive orange peach pink purple red rose silver tan "
        "teal turquoise violet white yellow"
    ).split()
)
# Verbs of sales texts that are hardly ever nouns or adjectives, some of which fool a tagger.
COMMON_VERBS = frozenset(
    (
        "absorb achieve add adds adjust adjusts allow allows applies apply assemble attach avoid "
        "become becomes bring brings build builds cause causes cleans combine combines comply "
        "connect connects contain contains decorate deliver delivers eat eliminate eliminates "
        "enhance enhances ensure ensures enter fits get gets gives have help helps hides holds "
        "hurt identify improve improves increase increases install installs keep keeps leave "
        "leaves maintain maintains make makes nourish nourishes offer offers opens prepare "
        "prevent prevents promote promotes protect protects provide provides reach reduce reduces "
        "relieve relieves remove removes repel repels replace replaces resist resists restore "
        "restores rinse runs save saves say says select serve serves stay stays stimulate "
        "strengthen strengthens supports transfer update uses wicks wipe write"
    ).split()
)
# What these stand before is a colour, "light blue", or none: "night light".
SHADES = frozenset(("clear", "dark", "light"))
ONLY_COLOURS = COLOURS - SHADES
SIZES = frozenset(
    (
        "big extra full jumbo king large long medium mini petite queen regular short size small "
        "tall tiny twin xl xs xxl"
    ).split()
)
# What words say that something is more or better, not what it is.
INTENSIFIERS = frozenset("added extra extreme great maximum quality superior ultimate".split())
# Talk that is a part of what people may ask for.
UNSAID = frozenset("hassle life list required risk temperature".split())
# What products are against.
COMPLAINTS = frozenset(
    (
        "acne ache aches allergies blackheads blemishes bruises circles cramps dandruff fatigue "
        "hands heels itching loss odor odors odour odours pain pains pests plaque scars "
        "scratches spots stains wrinkles"
    ).split()
)
# What instructions for washing and keeping speak of.
CARE_PHRASES = frozenset(
    ("cold water", "damp cloth", "direct sunlight", "hot water", "low heat", "soapy water",
     "warm water")
)  # fmt: skip
# What begins an instruction for washing and drying.
CARE = frozenset("bleach dry hang iron line rinse tumble wash wipe".split())
# What names no kind by itself, without the endings of plurals: of what, it leaves open.
VAGUE_KINDS = frozenset(
    (
        "accessory apparel assortment book bottle box bundle can care cartridge clothing "
        "collection component decor device equipment essential gadget gift goods home "
        "instrument item jar kit machine maintenance maker merchandise module pack part piece "
        "pouch product replacement sale section set solution stuff supplies supply system thing "
        "tool tube unit upgrade wear"
    ).split()
)
# Of these, what says most of what a thing is.
DEVICES = frozenset(
    "box bottle device instrument kit machine maker module supply system tool unit".split()
)
# Several things as one.
COLLECTIVES = frozenset("bundle collection combo duo gift set trio".split())

# What shops name in the singular, however much of it there is.
UNCOUNTED = frozenset(
    (
        "apparel art baby bakeware bath bedding beef beer bread butter candy care cereal cheese "
        "chicken chocolate clothing coffee cookware cosmetic cutlery dairy decor décor deodorant "
        "dinnerware drinkware equipment fabric fashion fish fitness flatware floss flour food "
        "footwear fragrance fruit fur furniture gear glassware granola gum hair hardware health "
        "hockey honey hosiery household ice jerky jewellery jewelry kidswear kitchen knitwear lace "
        "leather lighting linen lingerie loungewear luggage lumber makeup meat menswear milk music "
        "mustard nightwear oil outdoor outerwear paint paper party pasta perfume plumbing popcorn "
        "pork poultry produce rice salad salt sauce seafood seating shampoo silverware skin "
        "sleepwear soap software sport sportswear stationery storage sugar sunscreen swimwear "
        "tableware tape tea toothpaste underwear vinegar water wine wire womenswear wool yarn "
        "yogurt"
    ).split()
)


def is_plural(word: str) -> bool:
    """Return whether a word has the ending of a plural."""
    return stem(word) != word


def shares_head(noun: str, last: Sequence[str]) -> bool:
    """Return whether a noun lacks the head that it shares with the words that it is joined to: in
    "sofa & console tables" both are tables, but "desk & chairs" are two things."""
    if len(last) < 2 or not is_plural(last[-1]):
        return False
    return not (is_plural(noun) or noun in UNCOUNTED)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return a word without the ending of its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("shes", "ches", "xes", "sses")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
