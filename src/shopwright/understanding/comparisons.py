"""Words that set a bound, as parts of regular expressions: "under", "at least", "no more than"."""

NOT = r"(?:not|no|nothing|never|isn['’]?t|aren['’]?t|don['’]?t|doesn['’]?t|can['’]?t|cannot)"
VERBS = r"(?:\s+(?:be|go|cost|costs|costing|spend|pay|want|exceed|priced|at|to))*"
LESS = (
    r"under|undr|udner|uner|below|bellow|beneath|(?:lower|less|cheaper|smaller)\s+than|(?:less|cheaper)\s+then|"
    r"unter|menos de|moins de|meno di|minder dan"
)
MORE = r"over|above|(?:more|higher|greater)\s+than|exceed(?:ing|s)?|beyond|über|más de|plus de"
MOST = (
    r"at (?:the )?most|maximum(?: of)?|max\.?(?: of)?|up to|upto|within|<=?|≤|capped at|"
    r"no higher than|budget(?: is| of|:)?(?: up to)?|limit(?: is| of|:)?|höchstens|maximal|"
    r"(?:can|could|would) (?:go|stretch|spend|pay|do)(?: up)? to|"
    r"bis(?: zu)?|hasta|jusqu['’]à|au maximum|fino a|até|tot"
)
LEAST = (
    r"at (?:the )?least|minimum(?: of)?|min\.?(?: of)?|from|starting (?:at|from)|>=?|≥|upwards of|"
    r"mindestens|ab|desde|à partir de|da"
)
NEAR = (
    r"around|about|approximately|approx\.?|roughly|circa|ca\.?|near(?:ly)?|close to|~|≈|"
    r"in the (?:range|region|neighbou?rhood) of|ungefähr|etwa|environ|unos|alrededor de"
)
BETWEEN = r"between|from|anywhere (?:between|from)|zwischen|entre|tra"
TO = r"\s*(?:-|–|—|to|and|till|until|bis|und|y|et|a|à|e)\s*"
