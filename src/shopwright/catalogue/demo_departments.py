"""What the demo catalogue sells: its departments, kinds of products, features, options and names.

All of it is text, in tables made to be read and extended. To sell a new kind of product, add one
block to its department in :data:`_KINDS`; a feature that no other kind has yet needs one line in
:data:`_FEATURES`. Brands and series are invented.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal

from shopwright.errors import CatalogueError

Role = Literal["is", "with", "for"]


# One object for each feature and kind, so identity is equality, and fast.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feature:
    """Something that a product is, has or serves.

    Attributes:
        phrase: the attribute, as requests name it: ``"easy clean"``.
        role: how a sentence takes it in: ``"is"`` before the kind, ``"with"`` or ``"for"`` after.
        headline: the attribute in a title or at the head of a bullet: ``"Easy to Clean"``.
        said: the attribute after "it is", "it comes with" or "made for": ``"a rubber sole"``.
        benefits: what it is good for, each a text to follow the headline.
    """

    phrase: str
    role: Role
    headline: str
    said: str
    benefits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """A kind of product.

    Attributes:
        department: the key of its department, e.g. ``"garden"``.
        query: its name as a shopper looks for it: ``"console tables"``.
        thing: one of it, as running text calls it: ``"console table"``.
        path: the path of categories, joined by ``›``.
        price_dollars: the lowest and the highest usual price.
        names: what titles call it.
        uses: what titles and descriptions recommend it for; none of them is an attribute.
        slots: groups of features that exclude each other; a product has one of a group at most.
        option_values: option group → every value that occurs, in the order of pages.
        notes: bullets that carry no attribute.
    """

    department: str
    query: str
    thing: str
    path: str
    price_dollars: tuple[int, int]
    names: tuple[str, ...]
    uses: tuple[str, ...]
    slots: tuple[tuple[Feature, ...], ...]
    option_values: dict[str, tuple[str, ...]]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """What the products of one department share.

    Attributes:
        path: the first category of its paths.
        brand_endings: what follows a stem in the brands of the department.
        openings: first sentences of descriptions, with {thing}, {brand}, {series}, {use}.
        closings: last sentences of descriptions.
        notes: bullets that fit every product of the department.
    """

    path: str
    brand_endings: tuple[str, ...]
    openings: tuple[str, ...]
    closings: tuple[str, ...]
    notes: tuple[str, ...]


DEPARTMENTS = {
    "fashion": Department(
        path="Clothing, Shoes & Jewelry",
        brand_endings=("", " Row", " & Finch", " Thread", "line", " Outfitters", "sy", " Loft"),
        openings=(
            "The {series} line by {brand} keeps to what people wear most, and this {thing} is it.",
            "This {thing} was made for {use}, and for every day that comes without a plan.",
            "{brand} drew this {thing} for people who own few clothes and like all of them.",
        ),
        closings=(
            "Please see the measurements before you order.",
            "Colors may look a little different from screen to screen.",
            "Not your size after all? Send it back within 30 days.",
        ),
        notes=(
            "Designed in our small studio and checked by hand before it ships",
            "A welcome present for a birthday, a graduation or just because",
            "Please allow for small differences, as every piece is measured by hand",
            "If anything is not right, write to us and we answer within one working day",
        ),
    ),
    "beauty": Department(
        path="Beauty & Personal Care",
        brand_endings=(" Botanics", " Skin", " Lab", "elle", " Apothecary", " Bath", "ique", "ia"),
        openings=(
            "This {thing} from the {series} range by {brand} is a favorite for {use}.",
            "{brand} needed two years and a patient circle of testers for this {thing}.",
            "A small pleasure for {use}: the {series} {thing} by {brand}.",
        ),
        closings=(
            "Every order comes with a small surprise.",
            "Ask us before you buy, we are glad to advise.",
            "We plant a tree for every hundredth order.",
        ),
        notes=(
            "Made in small batches and checked one by one",
            "Recyclable box, no plastic wrap around it",
            "Not what you hoped for? You have 60 days to return it, even opened",
            "A favorite stocking filler among our regular customers",
        ),
    ),
    "electronics": Department(
        path="Electronics",
        brand_endings=("tek", "wave", " Digital", " Labs", "onix", "link", " Signal", "volt"),
        openings=(
            "The {brand} {series} is the {thing} we wanted for {use} and could not find.",
            "This {thing} does one job, does it well and asks for no account to do it.",
            "{brand} built this {thing} with {use} in mind.",
        ),
        closings=(
            "A printed guide with pictures is in the box.",
            "Our support answers in person, seven days a week.",
            "Two years of warranty are included.",
        ),
        notes=(
            "Backed by a two-year warranty and support by real people",
            "What you get: the device, a quick guide and our contact card",
            "Tested for months before the first one was sold",
            "Packed without a single plastic bag",
        ),
    ),
    "garden": Department(
        path="Home & Kitchen",
        brand_endings=(" Home", "stead", " & Oak", " Living", " Hearth", "holm", " Rooms", "ry"),
        openings=(
            "Made for {use}: the {series} {thing} by {brand}.",
            "This {thing} was drawn for {use} and for people who stay home gladly.",
            "Plain lines and honest work: the {series} {thing} by {brand}.",
        ),
        closings=(
            "Measure twice, order once: the exact dimensions are in the pictures.",
            "Color and grain vary a little from piece to piece.",
            "If a part is missing, we send it the same day.",
        ),
        notes=(
            "Packed flat in recycled cardboard and protected at the corners",
            "Write to us for a free sample of the color before you decide",
            "Goes with country, coastal and modern rooms alike",
            "A thoughtful present for a first apartment",
        ),
    ),
    "grocery": Department(
        path="Grocery & Gourmet Food",
        brand_endings=(" Farms", " Pantry", " & Sons", " Mill", " Orchard", " Larder", "ley", "by"),
        openings=(
            "The {series} {thing} by {brand} is what our own families buy for {use}.",
            "This {thing} began as a stall at a country market and still tastes like it.",
            "{brand} makes this {thing} in small lots, for {use} and for unexpected guests.",
        ),
        closings=(
            "Keep it cool and dry once it is open.",
            "See the package for allergens.",
            "Best within six weeks of opening.",
        ),
        notes=(
            "Packed within a week of your order, with the date on the label",
            "From growers we have known for years",
            "A tasty thank-you for neighbors, teachers and hosts",
            "Sealed for freshness; store in a cool, dry place",
        ),
    ),
}

# Columns: the attribute, with words in brackets that only texts have; how prose says it; benefits.
_FEATURES: dict[Role, str] = {
    "is": """
machine washable | machine washable | cold cycle, low heat, no dry cleaner needed
hand wash | best washed by hand | a short soak in cool water keeps shape and color
slim fit | cut to a slim fit | follows the body without pulling at the seams
loose fit | cut to a loose fit | plenty of room to move and a soft drape
regular fit | cut to a regular fit | neither tight nor baggy, order your usual size
long sleeve | long sleeved | full length to the wrist, stays down when you reach up
short sleeve | short sleeved | ends above the elbow for warm days
high waist | cut with a high waist | sits above the navel and does not roll down
low rise | cut with a low rise | sits on the hips, good under long shirts
wide leg | cut with a wide leg | swings from the hip and flatters every shoe
straight leg | cut with a straight leg | the same width from knee to hem
closed toe | closed at the toe | keeps out rain, dust and curious puppies
open toe | open at the toe | airy on warm days, made for a fresh pedicure
pointed toe | pointed at the toe | lengthens the leg without pinching
water resistant | water resistant | shrugs off splashes and spills / drops roll off, wipe and go
moisture wicking | moisture wicking | draws sweat away so you stay dry
quick drying | quick drying | dry again within a few hours
fleece lined | fleece lined | a brushed inside that holds the warmth
non slip | non slip | holds firm where others slide / a grippy surface, no shifting
light weight | light in weight | hardly any weight to it / easy to pack, easy to lift
cruelty free | cruelty free | never tested on animals, at any step
fragrance free | free of fragrance | no perfume, nothing that lingers
paraben free | paraben free | kept fresh without the usual preservatives
sulfate free | sulfate free | rinses out softly, without stripping
alcohol free | free of alcohol | does not sting and does not dry you out
oil free | oil free | sinks in at once, leaves no shine
long lasting | long lasting | keeps going when others give up
dermatologist tested | tested by dermatologists | checked in a clinic on 50 volunteers
travel size | travel sized | passes airport security, fits the smallest bag
easy (to) apply | easy to apply | no mirror and no practice needed
double sided | double sided | both sides earn their keep / turn it over and use it again
plant based | plant based | from seeds, leaves and roots, nothing from animals
high pigment | of high pigment | full color in a single stroke
easy (to) install | easy to install | in place within minutes, no expert needed
easy (to) use | easy to use | one button, no manual / up and running in a minute
easy (to) carry | easy to carry | slips into a coat pocket or a backpack
fast charging | fast charging | from empty to half full in 30 minutes
noise cancelling | noise cancelling | engines, offices and neighbors fade away
hands free | hands free | talk while you cook, walk or type
plug (and) play | plug and play | no drivers and no software, connect it and go
high speed | high speed | no waiting and no stutter, even with large files
wall mounted | wall mounted | off the floor and out of the way, hardware is in the box
tangle free | free of tangles | comes out of the bag as straight as it went in
heavy duty | heavy duty | built for years of rough handling
wide angle | wide angled | the whole room in one picture
dust proof | dust proof | sealed against sand and crumbs
shock absorbing | shock absorbing | takes the sting out of bumps and drops
nylon braided | nylon braided | bends ten thousand times without a crack
ultra slim | ultra slim | less than half an inch thick
easy (to) assemble | easy to assemble | two people, one key, half an hour
easy (to) clean | easy to clean | a damp cloth is all it takes / wipes off in seconds
eco friendly | eco friendly | renewable materials and a box of plain cardboard
space saving | space saving | fits where others do not
mid century | mid century in style | tapered lines and warm tones like in the sixties
stain resistant | stain resistant | coffee and wine bead up and wipe off
fade resistant | fade resistant | keeps its color in the sunniest window
hand painted | hand painted | brush strokes you can feel, no two alike
height adjustable | adjustable in height | set it low or high in a moment
high density | of high density | firm and springy, does not go flat
room darkening | room darkening | sleep late, even with a street lamp outside
ready (to) hang | ready to hang | hooks and wire are in place
gluten free | gluten free | made on a line that never sees wheat
sugar free | free of sugar | sweet enough without it
dairy free | dairy free | no milk, no butter, no whey
nut free | nut free | made in a room without nuts, fit for every classroom
non gmo | non GMO | seeds as nature made them, verified each season
keto friendly | keto friendly | two grams of net carbs a serving
kosher certified | certified kosher | look for the sign on the label
low sodium | low in sodium | half the salt of the usual recipe
low calorie | low in calories | under 110 a serving
fat free | free of fat | light, and still full of taste
individually wrapped | individually wrapped | one for the bag, one for the desk drawer
ready (to) eat | ready to eat | open, pour, enjoy
freeze dried | freeze dried | all of the taste, none of the water
slow roasted | slow roasted | at low heat for hours, never scorched
caffeine free | caffeine free | a cup at ten at night is no problem
hand crafted | hand crafted | mixed and filled by people, not by a line of robots
bpa free | BPA free | nothing leaches out, tested twice
""",
    "with": """
rubber sole | a rubber sole | grips wet pavement and polished floors
synthetic sole | a synthetic sole | light underfoot and slow to wear down
memory foam | memory foam | gives way under pressure and springs back
arch support | arch support | hours on your feet without the ache
ankle strap | an ankle strap | a small buckle keeps you steady
high heel | a high heel | three and a half inches, balanced for dancing
low heel | a low heel | an inch and a half you can run for the bus in
lace closure | a lace closure | tighten it where you need it
button closure | a button closure | smooth buttons, sewn on to stay
zipper closure | a zipper closure | runs smoothly, even with cold fingers
drawstring closure | a drawstring closure | pull, tie, done
elastic waist | an elastic waist | moves with you after a good dinner
deep pockets | deep pockets | room for a phone, keys and both hands
polyester spandex | a polyester spandex blend | stretches and comes back into shape
organic cotton | organic cotton | soft from the first day, grown without pesticides
crew neck | a crew neck | a close, round collar that keeps its shape
v neck | a V neck | a shallow cut that lies flat under a jacket
tummy control | tummy control | a firm panel smooths without squeezing
faux fur | faux fur | as soft as the real thing, and no animal missed it
adjustable straps | adjustable straps | a slide on each side sets the length
uv protection | UV protection | blocks all harmful rays from the sun
polarized lenses | polarized lenses | no glare from water, snow or the road
spring hinges | spring hinges | sit snug without pinching the temples
genuine leather | genuine leather | full grain, ages beautifully
vegan leather | vegan leather | supple, wipes clean, no animal involved
hyaluronic acid | hyaluronic acid | binds water where it is needed
tea tree | tea tree oil | clears and calms with a fresh, herbal note
coconut oil | coconut oil | melts at a touch and leaves a soft sheen
argan oil | argan oil | pressed from hand-picked kernels
shea butter | shea butter | rich, creamy and never sticky
aloe vera | aloe vera | cools like a leaf fresh from the pot
vitamin c | vitamin C | wakes up a tired look in the morning
green tea | green tea extract | a gentle shield against city air
natural ingredients | natural ingredients | a short list in words you know
essential oils | essential oils | a quiet scent of the garden after rain
soft bristles | soft bristles | thorough, yet kind to the touch
long handle | a long handle | a comfortable reach
bamboo handle | a bamboo handle | light, grippy, grows back in three years
led light | an LED light | bright and even, dims at a tap
travel pouch | a travel pouch | zips shut and keeps everything clean on the road
usb port | a USB port | power for one more device
wireless charging | wireless charging | put the phone on top and leave it
remote control | a remote control | from the sofa or from across the hall
touch control | touch control | a tap is enough, no switch to search for
night vision | night vision | clear pictures in complete darkness
motion detection | motion detection | an alert when something moves, none when nothing does
noise reduction | noise reduction | your voice comes through, the street does not
gold plated | gold plated ends | no rust and no crackle, year after year
aluminum alloy | an aluminum alloy body | cool to the touch, hard to dent
stainless steel | stainless steel | no rust, wipes dry in a second
tempered glass | tempered glass | clear, strong, rounded at the edges
stereo sound | stereo sound | a wide stage from one small box
deep bass | deep bass | you feel it before you hear it
carrying case | a carrying case | a hard shell with a pocket for the cable
two way audio | two way audio | hear who is there and answer
cable management | cable management | clips and channels hide the wires
lumbar support | lumbar support | follows the curve of your back
solid wood | solid wood | cut from whole boards, no veneer
engineered wood | engineered wood | layered and pressed, does not warp
metal frame | a metal frame | powder coated, no wobble
steel legs | steel legs | felt feet protect the floor
faux leather | faux leather | looks the part and forgives spills
storage space | plenty of storage space | blankets, games and chargers disappear in it
adjustable shelves | adjustable shelves | move them up or down in an afternoon
grommet top | a grommet top | slides along the rod without a sound
rod pocket | a rod pocket | slip it on and straighten the folds
hidden zipper | a hidden zipper | neat from all sides, off in a moment
glass shade | a glass shade | a soft, even glow
natural jute | natural jute | strong fibers with a warm, dry feel
cotton canvas | cotton canvas | matte and thick, with a fine weave
natural flavors | natural flavors | from fruit, herbs and roots, never from a lab
sea salt | sea salt | coarse flakes from the coast
dietary fiber | dietary fiber | seven grams a serving
high protein | a high protein content | twelve grams in every serving
real fruit | real fruit | pieces you can see and taste
whole grain | whole grain | milled with everything that is in the kernel
olive oil | olive oil | first pressing, from one harvest
dark chocolate | dark chocolate | seventy percent, snaps cleanly
resealable bag | a resealable bag | press it shut and it keeps for weeks
live cultures | live cultures | a friendly crowd for the stomach
""",
    "for": """
daily wear | daily wear | fits Monday at work as well as Sunday in the park
gym workout | a gym workout | squats, sprints and stretches without tugging
cold weather | cold weather | tested at ten below
business casual | business casual days | dressed enough to meet a client, easy enough to stay late
evening party | an evening party | dances until the band packs up
beach vacation | a beach vacation | salt water and sand come off in a rinse
sensitive skin | sensitive skin | gentle enough for the inside of the wrist
dry skin | dry skin | no tight feeling, even in heated rooms
oily skin | oily skin | matte until the evening
dead skin | lifting dead skin | rubs away what is rough and leaves it fresh
fine lines | fine lines | softer corners of the eyes within weeks
dark circles | dark circles | nobody will ask how you slept
dry hair | dry hair | gives back what sun and heat took
damaged hair | damaged hair | repairs what bleach and irons have done
curly hair | curly hair | defines every coil without crunch
frizzy hair | frizzy hair | smooth, even on a humid day
sensitive teeth | sensitive teeth | ice cream is back on the menu
home theater | a home theater | turns Friday night into a premiere
home office | a home office | fits right in beside desk and laptop
video calls | video calls | colleagues will think you moved next door
outdoor sports | outdoor sports | survives rain, mud and the occasional fall
pc gaming | PC gaming | keeps up with fast hands and late nights
living room | the living room | at ease between sofa and window
dining room | the dining room | looks good when guests stay until late
guest room | the guest room | visitors will want to come again
small spaces | small spaces | at home in studios and dorms
front porch | the front porch | takes wind, sun and evening dew
lunch box | the lunch box | the part that never comes back home
gift giving | gift giving | in a box that needs no wrapping
birthday party | a birthday party | enough for a long table of small guests
holiday baking | holiday baking | melts, folds and sets as it should
low carb | a low carb diet | fits the plan without feeling like one
""",
}

# Option values that several kinds share; a kind names one by "@".
_VALUES = """
clothing color: black; white; navy blue; burgundy; army green; heather gray; dusty rose; mustard
clothing color: charcoal; light blue; lavender; black | white; navy | red; leopard print; coral
shoe color: black; white; nude; navy blue; cognac brown; burgundy; silver; black | gold; taupe
shoe color: olive; gray suede; red patent; white | silver
device color: black; white; space gray; midnight blue; rose gold; mint green; black | red; silver
device color: matte black; sand
home color: ivory; charcoal gray; sage green; navy blue; terracotta; mustard yellow; blush pink
home color: teal; taupe; black | white; dusty blue; rust; beige | brown; wine red; light gray
wood color: walnut; white oak; espresso; rustic brown; black | gold; weathered gray; natural; white
clothing size: x-small; small; medium; large; x-large; xx-large; 3x-large; 4x-large; large tall
women's shoe size: 5; 5.5; 6; 6.5; 7; 7.5; 8; 8.5; 9; 9.5; 10; 11; 7 wide; 8 wide; 9 wide
men's shoe size: 7; 8; 8.5; 9; 9.5; 10; 10.5; 11; 11.5; 12; 13; 14; 9 wide; 10 wide; 11 wide
package quantity: 1; 2; 3; 4; 6; 8; 10; 12
light scent: lavender; vanilla bean; unscented; rose petal; eucalyptus mint; citrus; sandalwood
light scent: green apple; coconut milk; white jasmine
bed size: twin; twin xl; full; queen; king; california king
dry weight: 6 ounce (pack of 1); 6 ounce (pack of 4); 8 ounce (pack of 1); 8 ounce (pack of 3)
dry weight: 12 ounce (pack of 1); 12 ounce (pack of 2); 12 ounce (pack of 6); 1 pound (pack of 1)
dry weight: 2 pound (pack of 1); 5 pound (bulk)
"""

# A block for each kind: its query | one of it | lowest-highest price | path below the department;
# then lists. Every list that is not names, uses, features or notes is an option group. Features
# that exclude each other are joined by "/".
_KINDS = {
    "fashion": """
women's pumps | pair of pumps | 26-110 | Women › Shoes › Pumps
names: Pumps; Dress Pumps; Court Shoes; Women's Pumps
uses: weddings; office days; job interviews; evenings out
features: rubber sole/synthetic sole; high heel/low heel; closed toe/open toe/pointed toe
features: genuine leather/vegan leather; ankle strap; memory foam; evening party/business casual
features: non slip; arch support
color: @shoe color
size: @women's shoe size
notes: Comes with spare heel tips; Order half a size up if you are between sizes

men's hiking boots | pair of hiking boots | 48-190 | Men › Shoes › Outdoor › Hiking Boots
names: Hiking Boots; Trail Boots; Men's Hiking Boots; Mid Hiking Boots
uses: weekend trails; camping trips; muddy dog walks; mountain huts
features: rubber sole/synthetic sole; water resistant/quick drying; lace closure/zipper closure
features: genuine leather/vegan leather; memory foam; arch support; non slip; shock absorbing
features: cold weather/daily wear; light weight/heavy duty
color: @shoe color
size: @men's shoe size
notes: A padded collar keeps out small stones; Broken in after one afternoon

women's slippers | pair of slippers | 14-48 | Women › Shoes › Slippers
names: Slippers; House Slippers; Bedroom Slippers; Slip-On House Shoes
uses: slow Sundays; dorm rooms; hospital stays; late breakfasts
features: rubber sole/synthetic sole; faux fur/organic cotton; open toe/closed toe; memory foam
features: non slip; machine washable/hand wash; arch support; cold weather/daily wear
color: @clothing color
size: 5-6; 6-7; 7-8; 8-9; 9-10; 10-11; 11-12
notes: Quiet enough for sleeping babies; Ribbon for hanging up included

women's tops, tees & blouses | top | 12-54 | Women › Clothing › Tops, Tees & Blouses
names: Blouse; Tunic Top; Women's Shirt; Casual Top
uses: brunch; city breaks; parent evenings; layering
features: long sleeve/short sleeve; button closure/drawstring closure; machine washable/hand wash
features: crew neck/v neck; slim fit/loose fit/regular fit; polyester spandex/organic cotton
features: daily wear/business casual/evening party; quick drying
color: @clothing color
size: @clothing size
notes: The model is 5 feet 8 and wears a small; Side slits at the hem

men's t-shirts & tanks | t-shirt | 9-42 | Men › Clothing › Shirts › T-Shirts & Tanks
names: T-Shirt; Men's T-Shirt; Graphic Tee; Pocket Tee
uses: band nights; backyard barbecues; travel days; lazy weekends
features: long sleeve/short sleeve; crew neck/v neck; slim fit/loose fit/regular fit
features: polyester spandex/organic cotton; machine washable/hand wash; moisture wicking
features: quick drying; gym workout/daily wear; light weight
color: @clothing color
size: @clothing size
fit type: men; youth; big & tall; short torso
notes: No label at the neck, the print does the talking; Double seams at collar and shoulders

women's leggings | pair of leggings | 13-58 | Women › Clothing › Leggings
names: Leggings; Yoga Pants; Workout Leggings; Women's Tights
uses: morning runs; Pilates; long flights; school runs
features: high waist/low rise; polyester spandex/organic cotton; tummy control; deep pockets
features: moisture wicking/fleece lined; quick drying; machine washable/hand wash
features: gym workout/daily wear/cold weather; light weight
color: @clothing color
size: @clothing size
style: full length; capri; 7/8 length; with side mesh; two pack
notes: Opaque in every position, we tested it; Flat seams do not leave marks

women's dresses | dress | 19-98 | Women › Clothing › Dresses
names: Dress; Midi Dress; Wrap Dress; Maxi Dress
uses: garden parties; graduations; anniversary dinners; cruises
features: long sleeve/short sleeve; v neck/crew neck; zipper closure/button closure; deep pockets
features: machine washable/hand wash; loose fit/slim fit; elastic waist; adjustable straps
features: evening party/beach vacation/business casual; polyester spandex/organic cotton
color: @clothing color
size: @clothing size
notes: Falls just below the knee on a height of 5 feet 6; Partly lined

men's jackets | jacket | 34-180 | Men › Clothing › Jackets & Coats
names: Jacket; Bomber Jacket; Field Jacket; Men's Jacket
uses: autumn walks; commutes by bike; football practice; ferry rides
features: water resistant/quick drying; fleece lined/light weight; zipper closure/button closure
features: deep pockets; machine washable/hand wash/genuine leather/vegan leather; faux fur
features: regular fit/slim fit/loose fit; cold weather/daily wear
color: @clothing color
size: @clothing size
notes: A loop inside the collar for every hook; One pocket inside, sized for a passport

men's pants | pair of pants | 22-92 | Men › Clothing › Pants
names: Pants; Chinos; Cargo Pants; Men's Trousers
uses: site visits; golf; casual Fridays; road trips
features: slim fit/regular fit/loose fit; straight leg/wide leg; zipper closure/drawstring closure
features: elastic waist; deep pockets; machine washable/hand wash; water resistant/quick drying
features: polyester spandex/organic cotton; business casual/daily wear/cold weather
color: @clothing color
size: 28w x 30l; 30w x 30l; 30w x 32l; 32w x 30l; 32w x 32l; 34w x 30l; 34w x 32l; 36w x 32l
size: 38w x 34l
notes: Belt loops all around, belt not included; Hem can be let down by an inch

sunglasses | pair of sunglasses | 11-88 | Accessories › Sunglasses & Eyewear › Sunglasses
names: Sunglasses; Aviator Sunglasses; Square Sunglasses; Retro Shades
uses: open-top drives; sailing; fishing; terrace lunches
features: uv protection; polarized lenses; spring hinges; carrying case/travel pouch; light weight
features: stainless steel/aluminum alloy; daily wear/beach vacation/outdoor sports; non slip
color: black | gray; tortoise | brown; gold | green; silver | blue; clear | pink; matte black | red
color: navy | smoke; havana | amber
size: narrow (50 mm); medium (54 mm); wide (58 mm); extra wide (62 mm)
notes: Microfiber cloth in the box; Fits over most contact lens routines
""",
    "beauty": """
face moisturizers | face cream | 8-64 | Skin Care › Face › Creams & Moisturizers
names: Face Cream; Day Cream; Face Moisturizer; Facial Lotion
uses: morning routines; winter commutes; desert holidays; tired Mondays
features: hyaluronic acid/vitamin c/shea butter; aloe vera/green tea; cruelty free; oil free
features: paraben free; fragrance free; dermatologist tested; plant based; travel size
features: dry skin/oily skin/sensitive skin; fine lines
size: 1 fl oz (pack of 1); 1.7 fl oz (pack of 1); 1.7 fl oz (pack of 2); 3.4 fl oz; 6 fl oz
style: day; night; day and night set; tinted; refill
notes: Pump bottle that leaves nothing behind; Sits well under makeup

eye creams | eye cream | 9-72 | Skin Care › Eyes › Creams
names: Eye Cream; Under Eye Cream; Eye Gel; Eye Serum
uses: early flights; new parents; long screen days; evening routines
features: hyaluronic acid/vitamin c; aloe vera/green tea; cruelty free; fragrance free; oil free
features: paraben free; easy apply; dermatologist tested; dark circles/fine lines
features: sensitive skin/dry skin
size: 0.33 fl oz; 0.5 fl oz (pack of 1); 0.5 fl oz (pack of 2); 0.5 fl oz (pack of 3); 1 fl oz
notes: Cooling steel tip for the morning; A pea is enough for both eyes

facial cleansers | cleanser | 6-38 | Skin Care › Face › Cleansers
names: Facial Cleanser; Face Wash; Foaming Cleanser; Cleansing Gel
uses: sports bags; evening routines; teenagers; shower shelves
features: tea tree/green tea/vitamin c; aloe vera; sulfate free; alcohol free; oil free
features: cruelty free; natural ingredients; oily skin/dry skin/sensitive skin; dead skin
features: travel size
scent: @light scent
size: 4 fl oz (pack of 1); 4 fl oz (pack of 2); 8 fl oz (pack of 1); 8 fl oz (pack of 3); 16 fl oz
notes: Lathers with very little water; Takes off sunscreen too

body scrubs | body scrub | 8-36 | Skin Care › Body › Scrubs & Treatments
names: Body Scrub; Sugar Scrub; Exfoliating Scrub; Shower Polish
uses: baths at home; bridal showers; holidays; cold months
features: coconut oil/shea butter/argan oil; sea salt; tea tree/essential oils; cruelty free
features: natural ingredients; paraben free; plant based; dead skin; dry skin/sensitive skin
scent: @light scent
size: 4 ounce (pack of 1); 8 ounce (pack of 1); 8 ounce (pack of 2); 12 ounce (pack of 1); 20 ounce
notes: Rinses off without clogging the drain; Wooden spoon included

shampoos | shampoo | 7-42 | Hair Care › Shampoos
names: Shampoo; Daily Shampoo; Hair Wash; Moisture Shampoo
uses: swimmers; big families; hard water; Sundays
features: argan oil/coconut oil/tea tree; sulfate free; paraben free; cruelty free; plant based
features: dry hair/damaged hair/curly hair/frizzy hair; essential oils; natural ingredients
features: travel size
scent: @light scent
size: 3 fl oz; 8 fl oz (pack of 1); 12 fl oz (pack of 1); 12 fl oz (pack of 2); 16 fl oz; 33.8 fl oz
notes: Lasts about three months on shoulder-length hair; Flip cap for wet hands

hair masks | hair mask | 9-46 | Hair Care › Conditioners › Deep Conditioners & Masks
names: Hair Mask; Deep Conditioner; Repair Treatment; Hair Butter
uses: weekends; pool days; bleach days; overnight care
features: argan oil/coconut oil/shea butter; sulfate free; alcohol free; cruelty free
features: natural ingredients; damaged hair/dry hair/curly hair/frizzy hair; easy apply
features: plant based; aloe vera
scent: @light scent
size: 2 ounce; 6 ounce (pack of 1); 8 ounce (pack of 1); 8 ounce (pack of 2); 16 ounce (salon jar)
notes: Leave in for five minutes, then rinse; Combs through without effort

lipsticks | lipstick | 5-34 | Makeup › Lips › Lipsticks
names: Lipstick; Lip Crayon; Liquid Lipstick; Lip Color
uses: first dates; photo shoots; stage nights; handbags
features: long lasting; high pigment; cruelty free; argan oil/shea butter/coconut oil
features: fragrance free; paraben free; plant based; easy apply; evening party/daily wear
color: 01 bare; 02 rosewood; 03 brick; 04 coral kiss; 05 plum; 06 classic red; 07 mauve; 08 cocoa
color: 09 fuchsia; 10 berry; 11 peach nude; 12 oxblood
style: matte; satin; gloss; velvet; sheer
notes: Closes with a magnet; Does not stick to coffee cups

makeup brushes | makeup brush set | 8-58 | Makeup › Tools & Accessories › Brushes
names: Makeup Brush Set; Makeup Brushes; Face Brushes; Brush Collection
uses: beginners; bridal makeup; contouring; dressing tables
features: soft bristles; bamboo handle/long handle; cruelty free; travel pouch/carrying case
features: easy clean; double sided; easy carry; gift giving
color: black | gold; rose gold; pearl white; marble; champagne; emerald | gold; lilac
size: 5 piece set; 8 piece set; 10 piece set; 12 piece set; 15 piece set; single brush
notes: Names are engraved so that you know which is which; Keep their shape in the drawer

electric toothbrushes | electric toothbrush | 18-140 | Oral Care › Toothbrushes & Accessories
names: Electric Toothbrush; Sonic Toothbrush; Rechargeable Toothbrush; Power Toothbrush
uses: braces; big families; guests; weekend trips
features: soft bristles; bpa free; long lasting; fast charging; travel pouch/carrying case
features: water resistant; easy use; sensitive teeth; light weight; eco friendly
color: black; white; sky blue; pink; mint green; lilac; black | gold
item package quantity: @package quantity
notes: A pause every 30 seconds tells you to move on; Two spare heads in the box

makeup mirrors | makeup mirror | 14-96 | Tools & Accessories › Mirrors › Makeup Mirrors
names: Makeup Mirror; Vanity Mirror; Lighted Mirror; Tabletop Mirror
uses: dressing tables; windowless bathrooms; shaving; hotel rooms
features: led light; double sided; height adjustable/wall mounted; touch control; easy clean
features: usb port; stainless steel/aluminum alloy; light weight; gift giving
color: white; black; brushed nickel; rose gold; chrome; antique brass
style: 1x | 5x; 1x | 7x; 1x | 10x; 1x | 20x; three panels
notes: No distortion at the rim; The foot is weighted and does not tip
""",
    "electronics": """
bluetooth speakers | bluetooth speaker | 17-240 | Portable Audio & Video › Portable Speakers
names: Bluetooth Speaker; Portable Speaker; Wireless Speaker; Party Speaker
uses: picnics; shower concerts; kitchens; rooftop evenings
features: stereo sound; deep bass; water resistant/dust proof; long lasting; hands free; easy carry
features: led light; usb port; shock absorbing; outdoor sports/home office
color: @device color
style: mini; standard; max; stereo pair; with stand
notes: Remembers eight phones; Range of 100 feet in the open

headphones | pair of headphones | 16-320 | Headphones, Earbuds & Accessories › Headphones
names: Headphones; Foldable Headphones; Over-Ear Headphones; On-Ear Headphones
uses: open-plan offices; night trains; language lessons; podcasts
features: noise cancelling; deep bass/stereo sound; long lasting; fast charging; hands free
features: light weight; memory foam; touch control; carrying case/travel pouch; tangle free
features: pc gaming/video calls/gym workout
color: @device color
style: wireless; wired; wireless with dongle; kids; studio
notes: Folds flat; Cable for airplane seats included

wall chargers | wall charger | 8-56 | Accessories › Chargers & Adapters › Wall Chargers
names: Wall Charger; USB Charger; Charger Block; Power Adapter
uses: bedside tables; airports; dorm rooms; families with many phones
features: fast charging; usb port/wireless charging; easy carry; space saving; heavy duty
features: eco friendly; light weight; led light; home office
color: black; white; space gray; mint green; blue
capacity: 20 watts; 30 watts; 45 watts; 65 watts; 100 watts
item package quantity: @package quantity
notes: Stays below body temperature under full load; Works from 100 to 240 volts

hdmi cables | hdmi cable | 6-64 | Accessories › Cables › HDMI Cables
names: HDMI Cable; Video Cable; Monitor Cable; HDMI Cord
uses: projectors; game consoles; meeting rooms; school laptops
features: high speed; gold plated; nylon braided; plug play; tangle free; heavy duty/ultra slim
features: aluminum alloy; home theater/pc gaming/home office; long lasting
size: 1.5 feet; 3 feet; 6 feet; 10 feet; 15 feet; 25 feet; 50 feet
color: black; gray; red; blue; white; black | red
item package quantity: @package quantity
notes: Holds firm in the socket; Labels for both ends included

webcams | webcam | 19-160 | Computers & Accessories › Video Projectors & Cameras › Webcams
names: Webcam; HD Webcam; Computer Camera; Streaming Camera
uses: job interviews; online lessons; grandparents; live streams
features: plug play; wide angle; noise reduction; easy use; stereo sound; led light; high speed
features: light weight; video calls/home office/pc gaming
resolution: 720p; 1080p; 1440p; 2160p
style: with cover; with tripod; with ring; camera only; bundle
notes: Fits every screen, thick or thin; A shutter for when you are not on stage

security cameras | security camera | 24-290 | Camera & Photo › Video Surveillance › Cameras
names: Security Camera; Outdoor Camera; Surveillance Camera; Home Camera
uses: driveways; holiday homes; garages; barns
features: night vision; motion detection; two way audio; wide angle; wall mounted; easy install
features: water resistant/dust proof; front porch/small spaces; plug play; long lasting
color: white; black; gray; brown; white | black
size: 1 camera; 2 cameras; 3 cameras; 4 cameras; 6 cameras; 8 cameras
notes: Records to a card in your own home; No monthly fee, ever

tv mounts | tv mount | 17-150 | Television & Video › Accessories › TV Mounts
names: TV Mount; TV Bracket; Television Mount; Swivel Mount
uses: corner rooms; apartments; sports bars; conference rooms
features: heavy duty; easy install; ultra slim; space saving; cable management; metal frame
features: height adjustable; aluminum alloy; home theater/living room/guest room
size: 13 - 32 inch; 23 - 43 inch; 32 - 55 inch; 37 - 70 inch; 42 - 84 inch; 50 - 100 inch
style: fixed; tilt; swivel; full motion; ceiling
notes: A level and a template for the holes are in the box; Tested with four times the weight

tablet cases | tablet case | 11-58 | Computers & Accessories › Tablet Accessories › Cases
names: Tablet Case; Tablet Cover; Folio Case; Tablet Sleeve
uses: back seats; lecture halls; recipe reading; classrooms
features: shock absorbing; ultra slim/heavy duty; light weight; vegan leather/genuine leather
features: easy carry; easy clean; non slip; water resistant/dust proof; tempered glass; easy install
color: @device color
size: 8 inch; 8.7 inch; 10.1 inch; 10.9 inch; 11 inch; 12.9 inch
notes: All buttons and the camera stay free; Folds into a stand for films

power banks | power bank | 14-120 | Cell Phones & Accessories › Portable Power Banks
names: Power Bank; Portable Charger; Battery Pack; Pocket Power Bank
uses: festivals; hikes; long flights; city tours
features: fast charging; usb port/wireless charging; easy carry; ultra slim; led light; long lasting
features: water resistant/shock absorbing; aluminum alloy; light weight; outdoor sports
capacity: 5000 mah; 10000 mah; 15000 mah; 20000 mah; 26800 mah; 30000 mah
color: @device color
notes: Allowed in carry-on luggage; Shows what is left in percent

projectors | projector | 68-520 | Television & Video › Projectors
names: Projector; Mini Projector; Video Projector; Movie Projector
uses: garden cinema; sports nights; lectures; sleepovers
features: high speed; stereo sound; remote control; easy use; light weight; carrying case
features: usb port; plug play; home theater/home office/living room; long lasting
color: white; black; gray; white | orange; navy
style: standard; with screen; with tripod; with screen and tripod; short throw
notes: Fan no louder than a whisper; Square picture, even from the side
""",
    "garden": """
console tables | console table | 62-380 | Furniture › Living Room › Sofa & Console Tables
names: Console Table; Sofa Table; Entryway Table; Hallway Table
uses: narrow halls; keys and mail; plants; lofts
features: solid wood/engineered wood/tempered glass; metal frame/steel legs; storage space
features: easy assemble; easy clean; mid century; living room/dining room/home office
features: space saving; water resistant; heavy duty; adjustable shelves
color: @wood color
size: 31.5"; 39.4"; 47.2"; 55.1"; 63"; 70.9"
notes: Holds up to 150 pounds; Straps against tipping are in the box

area rugs | area rug | 24-460 | Home Décor › Rugs, Pads & Protectors › Area Rugs
names: Area Rug; Woven Rug; Modern Rug; Accent Rug
uses: cold floors; reading corners; playing children; rented homes
features: non slip; machine washable/easy clean/natural jute
features: stain resistant/fade resistant; water resistant
features: eco friendly; living room/dining room/front porch/guest room; high density; double sided
color: @home color
size: 2' x 3'; 2' x 8' runner; 3' x 5'; 4' x 6'; 5' x 7'; 6' x 9'; 8' x 10'; 9' x 12'; 6' round
notes: Lies flat after a day; Low enough for doors to pass

throw blankets | throw blanket | 14-96 | Bedding › Blankets & Throws › Throws
names: Throw Blanket; Cozy Blanket; Sofa Throw; Soft Blanket
uses: movie nights; campfires; naps; sick days
features: machine washable/hand wash; faux fur/organic cotton; fleece lined; light weight
features: double sided; eco friendly; living room/guest room/front porch; gift giving
features: fade resistant; quick drying
color: @home color
size: 30" x 40"; 40" x 50"; 50" x 60"; 50" x 70"; 60" x 80"; 80" x 90"; 90" x 108"
notes: No lint on dark clothes; Tied with a ribbon, not wrapped in plastic

window curtains | pair of curtains | 15-92 | Home Décor › Window Treatments › Curtains & Drapes
names: Curtains; Curtain Panels; Drapes; Window Panels
uses: nurseries; patio doors; night-shift workers; drafty windows
features: room darkening; machine washable/hand wash; grommet top/rod pocket; eco friendly
features: fade resistant; light weight; living room/dining room/guest room; organic cotton
features: easy install; double sided
color: @home color
size: 42" w x 45" l; 42" w x 63" l; 42" w x 84" l; 52" w x 63" l; 52" w x 84" l; 52" w x 95" l
size: 52" w x 108" l
notes: Two panels and two tiebacks in the pack; Hems are weighted

desk chairs | desk chair | 58-420 | Furniture › Home Office Furniture › Desk Chairs
names: Desk Chair; Office Chair; Task Chair; Swivel Chair
uses: long afternoons; students; bookkeepers; editors
features: height adjustable; lumbar support; faux leather/genuine leather; memory foam
features: easy assemble; metal frame/solid wood; heavy duty; high density; mid century
features: home office/pc gaming; stain resistant; space saving
color: @home color
style: with armrests; without armrests; with headrest; with footrest; drafting height
notes: Wheels for carpet and hard floors; Certified for 275 pounds

bookcases | bookcase | 48-390 | Furniture › Home Office Furniture › Bookcases
names: Bookcase; Bookshelf; Display Shelf; Corner Bookcase
uses: paperbacks; record collections; houseplants; hobby rooms
features: solid wood/engineered wood; metal frame; adjustable shelves; storage space; easy assemble
features: space saving; mid century; wall mounted; heavy duty; easy clean
features: living room/home office/guest room
color: @wood color
size: 2-tier; 3-tier; 4-tier; 5-tier; 6-tier; 7-tier
notes: Back panel squares it up; Fits tall art books on every level

wall art | picture | 12-160 | Home Décor › Wall Art › Posters & Prints
names: Wall Art; Canvas Art; Framed Picture; Wall Picture
uses: bare walls; stairways; waiting rooms; housewarmings
features: ready hang; hand painted; cotton canvas; eco friendly; fade resistant; light weight
features: solid wood; tempered glass; living room/dining room/home office/guest room
features: gift giving
color: misty forest; blue heron; red poppies; old harbor; abstract | gold; night sky; birch trees
color: fishing boats; line drawing | face; wheat field
size: 8" x 10"; 12" x 16"; 16" x 20"; 16" x 24"; 24" x 36"; 28" x 28"; 12" x 16" x 3 panels
notes: Made after you order; Numbered on the back

throw pillow covers | pillow cover | 7-44 | Bedding › Decorative Pillows › Throw Pillow Covers
names: Pillow Cover; Cushion Cover; Throw Pillow Case; Decorative Pillow Cover
uses: window seats; reading corners; campers; seasonal changes
features: hidden zipper/button closure; machine washable/hand wash; double sided; eco friendly
features: cotton canvas/faux fur; fade resistant/stain resistant
features: living room/front porch/guest room; gift giving
color: @home color
size: 12" x 20"; 16" x 16"; 18" x 18"; 20" x 20"; 22" x 22"; 24" x 24"; 26" x 26"
item package quantity: @package quantity
notes: Insert not included; Take an insert one size up for a plump look

table lamps | table lamp | 18-140 | Lighting & Ceiling Fans › Lamps & Shades › Table Lamps
names: Table Lamp; Bedside Lamp; Nightstand Lamp; Accent Lamp
uses: late readers; hallways; nurseries; quiet evenings
features: glass shade; touch control/remote control; usb port; mid century; easy clean
features: solid wood/stainless steel/aluminum alloy; led light; easy assemble; wireless charging
features: living room/home office/guest room
color: black | gold; brushed nickel; antique brass; ivory; walnut; seafoam green; matte black
size: 12" tall; 15" tall; 18.5" tall; 22" tall; 26" tall; set of 2
notes: Cord of six feet in cloth; Bulb included

bed frames | bed frame | 98-520 | Furniture › Bedroom Furniture › Beds, Frames & Bases
names: Bed Frame; Platform Bed; Bed with Headboard; Upholstered Bed
uses: first apartments; teenagers; attic rooms; loud sleepers
features: metal frame/solid wood/engineered wood; storage space; easy assemble; heavy duty
features: faux leather; mid century; non slip; usb port; guest room/small spaces; eco friendly
features: height adjustable
color: @wood color
size: @bed size
notes: Slats included; Does not creak, we jumped on it
""",
    "grocery": """
trail mix | trail mix | 6-46 | Snack Foods › Trail Mix
names: Trail Mix; Nut and Fruit Mix; Snack Mix; Hiker's Mix
uses: long hikes; desk drawers; car rides; movie nights
features: gluten free; non gmo; real fruit; dark chocolate; sea salt; resealable bag; high protein
features: individually wrapped; dairy free; kosher certified; lunch box/gift giving
flavor name: tropical; berry & almond; mountain mix; spicy peanut; cranberry orange; sweet & salty
flavor name: cashew crunch; maple pecan
size: @dry weight
notes: Shaken, not layered: every handful has everything; No dusty crumbs at the bottom

ground coffee | coffee | 8-52 | Beverages › Coffee, Tea & Cocoa › Coffee › Ground Coffee
names: Ground Coffee; House Coffee; Filter Coffee; Breakfast Coffee
uses: early mornings; French presses; office kitchens; camping mugs
features: slow roasted; non gmo; kosher certified; natural flavors; resealable bag; caffeine free
features: hand crafted; gluten free; gift giving; low carb
flavor name: medium roast; dark roast; light roast; french vanilla; hazelnut; caramel; mocha
flavor name: house blend; espresso
size: @dry weight
notes: Ground one day before it ships; A valve lets the aroma out and no air in

herbal tea | tea | 5-38 | Beverages › Coffee, Tea & Cocoa › Tea › Herbal
names: Herbal Tea; Tea Bags; Herbal Infusion; Evening Tea
uses: rainy afternoons; sore throats; teapots; quiet hours
features: caffeine free; non gmo; natural flavors; individually wrapped; sugar free; gluten free
features: kosher certified; plant based; natural ingredients; gift giving; real fruit; low calorie
flavor name: chamomile; peppermint; lemon ginger; rooibos; hibiscus; fennel & anise; turmeric
flavor name: apple cinnamon; lemon balm
size: 16 count (pack of 1); 20 count (pack of 1); 20 count (pack of 3); 20 count (pack of 6)
size: 80 count
notes: Pyramid bags leave room for whole leaves; Steep for five to seven minutes

granola & protein bars | snack bar | 6-44 | Breakfast Foods › Cereal & Granola Bars
names: Granola Bars; Protein Bars; Oat Bars; Snack Bars
uses: bike tours; afternoon slumps; glove compartments; exam weeks
features: gluten free; high protein/dietary fiber; individually wrapped; dark chocolate; real fruit
features: non gmo; nut free; plant based; low calorie; dairy free; keto friendly; lunch box
flavor name: pumpkin seed; apple pie; blueberry; cookies & cream; salted caramel; lemon; coconut
flavor name: double fudge
size: 6 count (pack of 1); 6 count (pack of 4); 12 count (pack of 1); 12 count (pack of 3); 40 count
notes: Chewy, not crumbly; Keeps its shape in a warm car

pasta | pasta | 4-32 | Pantry Staples › Pasta & Noodles
names: Pasta; Artisan Pasta; Chickpea Pasta; Bronze Cut Pasta
uses: weeknight dinners; hungry teams; cold salads; candlelight suppers
features: gluten free/whole grain; high protein/dietary fiber; non gmo; kosher certified
features: low carb; plant based; fat free; hand crafted; low sodium; nut free
style: spaghetti; penne; fusilli; rigatoni; orzo; linguine; elbows; shells
size: @dry weight
notes: Rough surface that sauce clings to; Al dente in nine minutes

hot sauce | hot sauce | 5-34 | Pantry Staples › Condiments & Salad Dressings › Hot Sauce
names: Hot Sauce; Pepper Sauce; Chili Sauce; Taco Sauce
uses: eggs; taco nights; wings; bland leftovers
features: gluten free; sugar free; low sodium; non gmo; natural ingredients; hand crafted; fat free
features: low calorie; keto friendly; gift giving/birthday party; plant based; olive oil
flavor name: smoky chipotle; mango habanero; garlic serrano; green jalapeño; ghost pepper
flavor name: pineapple; black truffle
size: 5 fl oz (pack of 1); 5 fl oz (pack of 2); 5 fl oz (pack of 4); 10 fl oz (pack of 1); 64 fl oz
notes: Drip-free bottle; Heat level is on the label, and it is honest

chocolates | chocolate | 7-68 | Snack Foods › Chocolate & Candy › Chocolate
names: Chocolate; Chocolate Bars; Chocolate Squares; Chocolate Truffles
uses: secret drawers; thank-you notes; dinner parties; advent calendars
features: dark chocolate; sugar free; dairy free; gluten free; sea salt; real fruit
features: hand crafted; individually wrapped; kosher certified; natural flavors
features: gift giving/birthday party/holiday baking
flavor name: hazelnut; raspberry; mint; orange peel; almond; plain; espresso bean; ginger
size: 3 ounce (pack of 1); 3 ounce (pack of 6); 3 ounce (pack of 12); 8 ounce box; 1 pound box
notes: From bean to bar in one house; Shipped with an ice pack in summer

nut butters | nut butter | 6-42 | Pantry Staples › Nut & Seed Butters
names: Nut Butter; Almond Butter; Peanut Butter; Cashew Butter
uses: toast; smoothies; apple slices; midnight spoons
features: sugar free; non gmo; high protein; sea salt; keto friendly; gluten free; dairy free
features: plant based; slow roasted; bpa free; kosher certified; lunch box
style: creamy; crunchy; extra crunchy; powdered; unsweetened; roasted
size: 8 ounce (pack of 1); 12 ounce (pack of 1); 12 ounce (pack of 2); 16 ounce (pack of 6); 5 pound
notes: Stir once and keep it upside down; Nothing added to make it spread

dried fruit | dried fruit | 5-44 | Produce › Dried Fruits & Vegetables
names: Dried Fruit; Fruit Crisps; Fruit Chips; Dried Fruit Slices
uses: oatmeal; backpacks; cheese boards; toddlers
features: freeze dried; sugar free; non gmo; gluten free; fat free; dietary fiber; resealable bag
features: nut free; ready eat; individually wrapped; lunch box/holiday baking; kosher certified
flavor name: mango; strawberry; apricot; pineapple; apple ring; banana; blueberry; fig; mixed
size: @dry weight
notes: One ingredient, see for yourself; Picked ripe

yogurt snacks | yogurt snack | 5-36 | Snack Foods › Yogurt Snacks
names: Yogurt Melts; Yogurt Bites; Yogurt Crunch; Yogurt Drops
uses: toddlers; after-school hunger; cereal bowls; airplane seats
features: live cultures; gluten free; real fruit; freeze dried; low calorie; nut free; high protein
features: ready eat; individually wrapped/resealable bag; natural flavors; lunch box/birthday party
flavor name: strawberry; peach; vanilla; mixed berry; banana; cherry; honey
size: 1 ounce (pack of 1); 1 ounce (pack of 7); 1 ounce (pack of 12); 3.5 ounce; 10 ounce
notes: Melts on the tongue; No spoon, no fridge
""",
}

_BRAND_STEMS = """
Orvel Tamsk Quillan Brindo Fennar Halvo Jorra Kestam Mirrow Nimbar Ostim Pellam Rovik Sarrel Tulvo
Umbrel Varno Wexil Yarrin Zellow Corvan Dunmar Ebbin Gorsel
"""
_SERIES_STARTS = """
Ash Birch Cedar Elm Fern Hazel Heather Larch Maple Moss Oak Pine Reed Sage Thorn Willow
"""
_SERIES_ENDS = "brook crest dale field ford gate hollow lea moor ridge shore vale wick wood"
SERIES = tuple(map("".join, product(_SERIES_STARTS.split(), _SERIES_ENDS.split())))

_WORD = re.compile(r"(?<![\w'])[^\W\d_]+(?:'[a-z]+)?")
_SMALL_WORDS = "a an and at by for from in of on or per the to w l with x"
_CAPITALS = "BPA USB LED GMO HDMI TV HD PC UV mAh mm fl oz"
_CASED = {word.lower(): word for word in f"{_CAPITALS} {_SMALL_WORDS}".split()}


@cache
def brands(department: str) -> tuple[str, ...]:
    """Return the invented brands that sell in ``department``."""
    endings = DEPARTMENTS[department].brand_endings
    return tuple(stem + ending for stem, ending in product(_BRAND_STEMS.split(), endings))


@cache
def title_case(text: str) -> str:
    """Return ``text`` as titles write it: ``"easy to clean"`` becomes ``"Easy to Clean"``."""

    def cased(match: re.Match[str]) -> str:
        word = match[0]
        special = _CASED.get(word, "")
        # Small words are capitalized at the beginning, abbreviations look the same everywhere.
        if special and (match.start() or special != word):
            return special
        return word[0].upper() + word[1:]

    return _WORD.sub(cased, text)


@cache
def load_kinds() -> tuple[Kind, ...]:
    """Return every kind of product, department by department.

    Raises:
        CatalogueError: a block names a feature or shared values that no table has.
    """
    return tuple(
        _read_kind(department, block)
        for department, text in _KINDS.items()
        for block in text.strip().split("\n\n")
    )


@cache
def _load_features() -> dict[str, Feature]:
    features = {}
    for role, text in _FEATURES.items():
        for line in text.strip().splitlines():
            name, said, benefits = line.split(" | ")
            words = name.split()
            phrase = " ".join(word for word in words if not word.startswith("("))
            features[phrase] = Feature(
                phrase=phrase,
                role=role,
                headline=title_case(" ".join(word.strip("()") for word in words)),
                said=said,
                benefits=tuple(benefits.split(" / ")),
            )
    return features


def _read_lists(lines: str) -> dict[str, list[str]]:
    """Return the lists of ``lines``, each line ``name: item; item``; equal names are joined."""
    lists = defaultdict(list)
    for line in lines.splitlines():
        name, _, items = line.partition(": ")
        lists[name].extend(items.split("; "))
    return lists


def _read_kind(department: str, block: str) -> Kind:
    head, _, body = block.partition("\n")
    query, thing, prices, path = head.split(" | ")
    lowest, highest = prices.split("-")
    lists = _read_lists(body)
    features, shared = _load_features(), _read_lists(_VALUES.strip())
    try:
        return Kind(
            department=department,
            query=query,
            thing=thing,
            path=f"{DEPARTMENTS[department].path} › {path}",
            price_dollars=(int(lowest), int(highest)),
            names=tuple(lists.pop("names")),
            uses=tuple(lists.pop("uses")),
            slots=tuple(
                tuple(features[phrase] for phrase in slot.split("/"))
                for slot in lists.pop("features")
            ),
            notes=tuple(lists.pop("notes")),
            option_values={
                name: tuple(shared[values[0][1:]] if values[0].startswith("@") else values)
                for name, values in lists.items()
            },
        )
    except KeyError as error:
        raise CatalogueError(
            f"the demo catalogue's {query}: expected a list or entry named {error}, found none"
        ) from error
