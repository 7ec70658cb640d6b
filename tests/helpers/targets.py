"""Where no sign-in, proof or panel leads, whatever a link asks for."""

HARMFUL = [
    "", "https://evil.example/", "//evil.example/", "///evil.example/", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "\\/evil.example", "https:///evil.example",
    "https:evil.example", "http://testserver/passkeys/", "http:///evil.example",
    "ftp://testserver/", "javascript:alert(1)", "JavaScript:alert(1)", "java\nscript:alert(1)",
    " javascript:alert(1)", "\x08//evil.example", "data:text/html,x",
    "https://testserver@evil.example/", "https://testserver.evil.example/",
    "https://testserver:8443/", "https://evil.example\\@testserver/", "/ok\r\nSet-Cookie: a=b",
    "/ok\x00", "/\t/evil.example", "/\u2028",
]  # fmt: skip
