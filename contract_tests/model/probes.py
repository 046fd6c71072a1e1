"""Texts that something on the way may spoil, whoever the vendor."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import strategies as st

from contract_tests.deployment import Deployment

# Hypothesis draws texts that stand in our sources, too. These are to be seen in no answer, so nobody may write them.
CREDENTIALS = tuple(Deployment().credentials().values())
TEXTS = (
    "plain",
    "\U0001f525 \U0001f469\u200d\U0001f692 \U0001f1fa\U0001f1e6 \U0001d518",  # beyond the first plane
    "Crème brûlée à 5 °C, naïve façade ÿ",
    "caf\u00e9 and cafe\u0301",  # composed and decomposed
    "Å \u212b Ω \u2126 ﬁ ½ ｆｕｌｌ",  # what compatibility forms would merge
    "one\r\ntwo\rthree\nfour\n\n\nfive",
    "a\tb  c   d\u00a0e\u2009f",
    "<script>alert('x')</script> & <b>bold</b> &amp; &lt; &#39; \"quoted\"",
    "100% %41 %2B a+b %s %(x)s {0} {{ x }} ${y} #{z} $1 \\1",
    "back\\slash \\n \\u0041 \\\\ C:\\new",
    "'; DROP TABLE notes; -- \" OR 1=1",
    "# Title\n\n* one\n* [x] two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```sql\nSELECT 1;\n```",
    "https://example.org/?a=1&b=2#c <https://example.org> user@example.org @channel #general :fire:",
    "null",
    "None",
    "true",
    "0",
    "00123",
    "1e5",
    "1.0",
    "-0",
    "2020-06-19T12:37:01Z",
    '{"text": "x"}',
    "[1, 2]",
    '"quoted"',
    "Straße İstanbul ıI ΣΑΣ ǅ",  # letters that change their number with their case
    "MiXeD CaSe",
    "根本原因：磁盘已满。ディスクがいっぱい 한국어",
    "עברית العربية \u202eabc\u202c",
    "a\u2028b\u2029c\u0085d",
    "\u200bzero width\ufeff",
    "a\x01\x1b[31m\x7fb",
    "\ufffd\ufffe\uffff\U0010ffff",
    "x" * 256,
    "words " * 90 + "end",
    "é" * 200,  # 400 bytes
    "\U0001f600" * 130,
    "0123456789" * 110 + "end",
    "y" * 4097,
)


def texts(never: Collection[str] = CREDENTIALS) -> st.SearchStrategy[str]:
    """Probes, and what Hypothesis thinks of; never lone surrogates, which no UTF-8 holds."""
    drawn = st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60
    )
    every = st.one_of(st.sampled_from(TEXTS), st.sampled_from(TEXTS), drawn)
    return every.filter(lambda text: not any(it in text for it in never))
