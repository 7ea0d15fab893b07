"""Texts that somebody could put into a log to do harm where it is shown, stored or parsed again."""

NASTY = {
    "a line of its own": "x\n{\"forged\":1}",
    "a carriage return": "x\r\nforged: alert",
    "an escape sequence": "x\x1b[2J\x1b]0;title\x07",
    "a C1 control": "x\u009b31m\u0085y",
    "deletes and backspaces": "x\x7f\x08\x08y",
    "a text turned around": "x\u202egnp.exe\u202c",
    "isolates": "x\u2066y\u2069",
    "line and paragraph separators": "x\u2028y\u2029z",
    "what has no width": "x\u200by\ufeffz\u2060",
    "a NUL": "x\u0000y",
    "quotes and backslashes": "x\"},{\"y\\\\\\\"z'",
    "format directives": "x%s%n%p%%{{}}",
    "markup": "</script><img src=x onerror=alert(1)>&amp;",
    "a shell's signs": "x;$(reboot)`id`|y=z",
    "a template": "$!mfa ${!mfa} %msg% ${jndi:ldap://x}",
    "letters of many bytes": "\u00e9\u20ac\U0001f600\U0010fffd",
    "a mark over and over": "x" + "\u0301" * 40,
    "a long text": "long" * 300,
}

# what a terminal may act on, or a reader be deceived by, when it is written as it is
ACTS = set(range(0x20)) - {0x0A} | set(range(0x7F, 0xA0)) | set(range(0x200B, 0x2010)) | set(range(0x2028, 0x202F)) | \
    set(range(0x2060, 0x2070)) | {0xFEFF, 0x061C}


def acting(text):
    """What in the text acts on a terminal."""
    return sorted({f"U+{ord(c):04X}" for c in text if ord(c) in ACTS})
