"""Currencies: their codes, the signs that people write for them, and how amounts are shown.

Source: ISO 4217, list one, without metals, funds and test codes.
"""

from __future__ import annotations

CODES = frozenset(
    (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN "
        "BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD "
        "FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD "
        "JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT "
        "MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG "
        "QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
        "TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF "
        "YER ZAR ZMW ZWG"
    ).split()
)
_NO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())

# Sign or word, lower case → the currencies that it stands for, the likeliest first. A table that
# names one of them elsewhere, or ``--currency``, decides.
SIGNS: dict[str, tuple[str, ...]] = {
    "$": (
        "USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU", "BBD",
        "BMD", "BND", "BSD", "BZD", "DOP", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD",
        "TTD", "XCD",
    ),
    "us": ("USD",), "au": ("AUD",), "nz": ("NZD",), "hk": ("HKD",), "nt": ("TWD",),
    "us$": ("USD",), "u$s": ("USD",), "a$": ("AUD",), "au$": ("AUD",), "c$": ("CAD", "NIO"),
    "ca$": ("CAD",), "nz$": ("NZD",), "s$": ("SGD",), "sg$": ("SGD",), "hk$": ("HKD",),
    "nt$": ("TWD",), "mx$": ("MXN",), "ar$": ("ARS",), "r$": ("BRL",), "j$": ("JMD",),
    "tt$": ("TTD",), "rd$": ("DOP",), "$u": ("UYU",), "＄": ("USD",), "mex$": ("MXN",),
    "clp$": ("CLP",), "col$": ("COP",),
    "dollar": ("USD", "AUD", "CAD", "NZD", "SGD", "HKD"),
    "dollars": ("USD", "AUD", "CAD", "NZD", "SGD", "HKD"),
    "€": ("EUR",), "euro": ("EUR",), "euros": ("EUR",),
    "£": ("GBP", "EGP", "SYP", "LBP"), "￡": ("GBP",), "pound": ("GBP",), "pounds": ("GBP",),
    "e£": ("EGP",), "le": ("EGP",), "ج.م": ("EGP",),
    "¥": ("JPY", "CNY"), "￥": ("JPY", "CNY"), "円": ("JPY",), "yen": ("JPY",),
    "元": ("CNY", "TWD"), "圆": ("CNY",), "rmb": ("CNY",), "yuan": ("CNY",),
    "₹": ("INR",), "rs": ("INR", "PKR", "LKR", "NPR", "MUR"), "₨": ("PKR", "INR", "LKR", "NPR"),
    "rupees": ("INR", "PKR", "LKR", "NPR"), "rupee": ("INR",),
    "kr": ("SEK", "NOK", "DKK", "ISK"), "chf": ("CHF",), "fr": ("CHF",), "sfr": ("CHF",),
    "zł": ("PLN",), "zl": ("PLN",), "kč": ("CZK",), "kc": ("CZK",), "ft": ("HUF",),
    "lei": ("RON", "MDL"), "leu": ("RON", "MDL"), "лв": ("BGN",), "дин": ("RSD",), "din": ("RSD",),
    "ден": ("MKD",), "km": ("BAM",), "kn": ("HRK",),
    "₽": ("RUB",), "руб": ("RUB",), "р": ("RUB",), "₴": ("UAH",), "грн": ("UAH",), "₸": ("KZT",),
    "тг": ("KZT",), "сум": ("UZS",), "₾": ("GEL",), "֏": ("AMD",), "₼": ("AZN",), "₮": ("MNT",),
    "br": ("BYN", "ETB"),
    "₺": ("TRY",), "tl": ("TRY",), "₪": ("ILS",), "nis": ("ILS",),
    "د.إ": ("AED",), "dhs": ("AED", "MAD"), "dh": ("AED", "MAD"), "ر.س": ("SAR",), "sr": ("SAR",),
    "﷼": ("SAR", "IRR", "QAR", "OMR", "YER"), "ريال": ("SAR", "QAR", "OMR"), "د.ك": ("KWD",),
    "kd": ("KWD",), "د.ب": ("BHD",), "bd": ("BHD",), "ر.ق": ("QAR",), "qr": ("QAR",),
    "ر.ع": ("OMR",), "ر.ع.": ("OMR",), "د.م": ("MAD",), "د.م.": ("MAD",), "د.ت": ("TND",),
    "د.ا": ("JOD",), "jd": ("JOD",), "dt": ("TND",), "da": ("DZD",), "د.ج": ("DZD",),
    "درهم": ("AED", "MAD"), "دينار": ("KWD", "BHD", "JOD", "IQD"), "تومان": ("IRR",),
    "rp": ("IDR",), "rm": ("MYR",), "₱": ("PHP",), "php": ("PHP",), "฿": ("THB",), "บาท": ("THB",),
    "₫": ("VND",), "đ": ("VND",), "vnđ": ("VND",), "₭": ("LAK",), "៛": ("KHR",), "ks": ("MMK",),
    "₩": ("KRW", "KPW"), "￦": ("KRW",), "원": ("KRW",), "won": ("KRW",), "৳": ("BDT",),
    "tk": ("BDT",), "රු": ("LKR",), "रु": ("NPR", "INR"),
    "r": ("ZAR",), "₦": ("NGN",), "ksh": ("KES",), "kshs": ("KES",), "tsh": ("TZS",),
    "ush": ("UGX",), "₵": ("GHS",), "gh₵": ("GHS",), "gh¢": ("GHS",), "fcfa": ("XOF", "XAF"),
    "cfa": ("XOF", "XAF"), "e": ("SZL",), "n$": ("NAD",),
    "s/": ("PEN",), "₡": ("CRC",), "₲": ("PYG",), "gs": ("PYG",), "q": ("GTQ",), "lps": ("HNL",),
    "l": ("HNL",), "bs": ("BOB", "VES"), "b/": ("PAB",), "cop": ("COP",),
}  # fmt: skip
# How pages show an amount; of other currencies by the code.
_SHOWN_SIGNS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "TRY": "₺", "ILS": "₪",
    "PHP": "₱", "NGN": "₦", "UAH": "₴", "BRL": "R$", "AUD": "A$", "CAD": "CA$", "NZD": "NZ$",
    "SGD": "S$", "HKD": "HK$", "TWD": "NT$", "MXN": "MX$",
}  # fmt: skip


# What requests call them; others by their code.
_NAMES = {"USD": "dollars", "EUR": "euros", "GBP": "pounds", "JPY": "yen", "VND": "dong"}


def name_of(currency: str) -> str:
    """Return what people call amounts of a currency, e.g. "euros"; its code where that is usual."""
    return _NAMES.get(currency, currency)


def sign_of(currency: str) -> str:
    """Return what stands before an amount of a currency: "€", or its code and a blank."""
    return _SHOWN_SIGNS.get(currency, f"{currency} ")


def amount_in_words(amount: float, currency: str = "USD") -> str:
    """Return an amount as requests say it.

    Example:
        >>> amount_in_words(40, "USD"), amount_in_words(250000, "VND")
        ('40.00 dollars', '250,000 dong')
    """
    return f"{amount:,.{decimals_of(currency)}f} {name_of(currency)}"


def decimals_of(currency: str) -> int:
    """Return how many digits an amount has after the mark, e.g. 2 for "USD" and 0 for "JPY"."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def format_price(amount: float, currency: str = "USD") -> str:
    """Return an amount as pages show it.

    Example:
        >>> format_price(1299, "EUR"), format_price(190000, "VND")
        ('€1299.00', 'VND 190000')
    """
    # Most prices in currencies without decimals are whole; one that is not is not rounded away.
    digits = decimals_of(currency)
    if digits == 0 and amount != int(amount):
        digits = 2
    return f"{sign_of(currency)}{amount:.{digits}f}"
