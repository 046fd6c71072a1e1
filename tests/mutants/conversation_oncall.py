"""A short conversation with Grafana OnCall."""

from __future__ import annotations

from tests.mutants.conversation import Talk

ADMIN, VIEWER, OTHER = "meowmeowmeow", "viewer-token", "other-organization-token"
G1, G2, G3 = "IQUIET1PAGE11", "I68T24C13IFW1", "IEARLY1PAGE11"
P, M, N, G, U = (
    f"/api/v1/{name}/"
    for name in ("postmortems", "postmortem_messages", "resolution_notes", "alert_groups", "users")
)
TEXT = "  Müller <b>said</b> &\r\n\r\nthe disk  was full e\u0301 \U0001f525 \u200b" + "long " * 90


async def with_oncall(talk: Talk) -> None:
    say = talk.say
    await say("GET", P, who="")
    first, second, third = [
        str((await say("POST", P, {"alert_group_id": group, "text": text})).get("id", "PNE"))
        for group, text in ((G1, TEXT), (G1, "b"), (G3, "c"))
    ]
    note = (await say("POST", N, {"alert_group_id": G1, "text": "zz <script>x</script> é  y"})).get(
        "id", "MNE"
    )
    message = (await say("POST", M, {"alert_group_id": G1, "text": "A word"})).get("id", "MNE")
    await say("POST", N, {"alert_group_id": G1, "text": "a later note"})
    for query in (
        "",
        "?perpage=2",
        "?perpage=1&page=2",
        "?perpage=0",
        "?page=99&perpage=2",
        f"?alert_group_id={G1}",
    ):
        for path in (P, N, M, G):
            await say("GET", path + query)
    for query in (
        f"?alert_group_id={G1}&perpage=1",
        f"?perpage=1&alert_group_id={G1.lower()}",
        f"?alert_group_id={G1[:7]}",
        "?alert_group_id=",
        f"?alert_group_id={G2}&alert_group_id={G1}",
        "?page=no",
        "?token=meowmeowmeow",
    ):
        await say("GET", P + query, who="" if "token" in query else ADMIN)
    await say("GET", P + f"{first}/?alert_group_id={G2}")
    for query in (
        "state=new",
        "state=silenced",
        "state=firing",
        "state=new&perpage=1",
        "team_id=null",
        "team_id=TNEVER1EX1STS",
        "integration_id=CDATABASES111",
        "route_id=RURGENT111111",
        "label=severity:high&label=service:database",
        "perpage=500",
        "started_at=2020-06-19T00:00:00_2020-06-21T00:00:00",
        "integration_id=CFRPV98RPR1U8&state=silenced",
        "page=1&perpage=10",
    ):
        await say("GET", f"{G}?{query}")
    for query in ("", "?username=viewer", "?perpage=1", "?perpage=1&page=2"):
        await say("GET", U + query)
    await say("GET", U + "current/")
    await say("GET", U + "current/", who=VIEWER)
    await say("GET", N + "?perpage=500")
    for who in (
        ADMIN,
        ADMIN.upper(),
        "",
        VIEWER,
        OTHER,
        f"Bearer {ADMIN}",
        ADMIN[:6],
        f'"{ADMIN}"',
        "unheard-of",
    ):
        await say("GET", f"{P}{first}/", who=who)
    await say("GET", f"{P}{first}/")
    await say("GET", f"{P}{first.lower()}/")
    await say("GET", f"{N}{note}/")
    await say("GET", f"{N}{note}1/")
    await say("GET", f"{M}{message}/")
    await say("HEAD", f"{P}{first}/")
    await say("OPTIONS", P)
    await say("GET", P.rstrip("/"))
    await say("GET", "/api/v1/nowhere/")
    await say("PUT", P, {})
    await say("GET", P, X_Forwarded_Proto="https")
    await say("GET", P, Accept="text/html")
    for body in (
        {},
        {"text": " ", "alert_group_id": G1},
        {"text": None, "alert_group_id": G1},
        {"text": True, "alert_group_id": G1},
        {"text": 5, "alert_group_id": G1},
        {"text": "t", "alert_group_id": f" {G1} "},
        {"text": "t", "alert_group_id": G1, "id": "x"},
        b"{",
    ):
        await say("POST", P, body)
        await say("POST", N, body)
    for text in ("long " * 1000, "c" * 70_000):
        long = (await say("POST", P, {"text": text, "alert_group_id": G1})).get("id", "PNE")
        await say("POST", M, {"text": text, "alert_group_id": G3})
        await say("DELETE", f"{P}{long}/")
    for path, id_ in ((P, first), (N, note), (M, message)):
        await say("PUT", f"{path}{id_}/", {})
        await say("PUT", f"{path}{id_}/", {"text": "new text"})
        await say("GET", f"{path}{id_}/")
        await say("PATCH", f"{path}{id_}/", {})
        await say("PATCH", f"{path}{id_}/", {"text": "newer text"})
        await say("GET", f"{path}{id_}/")
        await say("PUT", f"{path}{path[8].upper()}NEVER1EX1STS/", {"text": "t"})
        await say("GET", f"{path}{path[8].upper()}NEVER1EX1STS/")
        await say("GET", f"{path}?alert_group_id={G1}")
    await say("PUT", f"{P}{second}/", b"{")
    await say("GET", f"{P}{second}/")
    for verb in (
        "acknowledge",
        "acknowledge",
        "resolve",
        "unresolve",
        "unacknowledge",
        "silence",
        "unsilence",
    ):
        await say("POST", f"{G}{G1}/{verb}/", None, who="" if verb == "resolve" else ADMIN)
        await say("POST", f"{G}{G1}/{verb}/", {"delay": 60} if verb == "silence" else None)
        await say("GET", f"{G}{G1}/")
        await say("GET", f"{G}?id={G1}")
    await say("POST", f"{G}{G1}/silence/", {})
    await say("GET", f"{G}{G2}/")
    for path, id_ in ((P, second), (N, note), (M, message)):
        await say("DELETE", f"{path}{id_}/?alert_group_id={G2}")
        await say("DELETE", f"{path}{id_}/", who="")
        for _ in range(2):
            await say("DELETE", f"{path}{id_}/")
        await say("GET", f"{path}{id_}/")
        await say("GET", path)
    await say("POST", M, {"alert_group_id": G1, "text": "t"}, who="")
    await say("POST", P, {"alert_group_id": G1, "text": "t"}, who="")
    await say("PUT", f"{P}{first}/", {"text": "nobody's"}, who="")
    await say("GET", U, who="")
    await say("GET", P)
    for group, body in ((G3, {"mode": "delete"}), (G2, {}), (G1, {"mode": "no"})):
        await say("DELETE", f"{G}{group}/", body)
        await say("GET", f"{G}{group}/")
    await say("POST", P, {"alert_group_id": G1, "text": "after a delete"})
    await say("GET", f"{P}{third}/")
