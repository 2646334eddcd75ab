"""Where the readers are: how numbers and days are written for them."""

from enum import Enum


class Locale(Enum):
    """By its tag of BCP 47. `EN` is for readers anywhere: the unit behind the number, the day first."""

    EN = "en"
    EN_GB = "en-GB"
    EN_US = "en-US"
    DE = "de"
    DE_CH = "de-CH"
    FR = "fr"
    ES = "es"
    IT = "it"
    NL = "nl"
    PT = "pt"
    PT_BR = "pt-BR"
    DA = "da"
    NB = "nb"
    SV = "sv"
    FI = "fi"
    PL = "pl"
    CS = "cs"
