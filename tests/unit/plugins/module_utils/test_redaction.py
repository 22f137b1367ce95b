# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets, taken out of a log however it is cut into chunks. In the tables the secrets stand between « and »."""

from __future__ import annotations

import re
import tracemalloc

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.masking import MASK, Masker, may_hide_a_secret
from ansible_collections.aimms.cloud.plugins.module_utils.redaction import OPENERS, Redactor, redacted

LONGEST_LINE = 128 * 1024
KEY = "k3yCanary+/0123456789abcdefXYZ"

OPTIONS = """
Bootstrap: aimms-session --project 'My app' --logonToken «abc123» --port 2600
aimms --LOGONTOKEN=«abc123»
aimms --logonToken \t  "«a b c»" next
aimms --logonToken '«a "b" c»' next
'--logonToken «abc»' "--logonToken" "«abc»"
["--logonToken", "«abc»", "--port", "2600"]
[--logonToken, «abc», --port, 2600]
{"log":"x --logonToken «abc»\\n","stream":"stdout"}
aimms --api-key «k-1» --accessKey=«k2» --private_key «k3» --db.password «a&b,c»
-password «p,w» --client-secret «--Abcd==» --credentials «u:p» --pwd=«x&y»
"""
PAIRS = """
{"token": "«abc»", "n": 5, "userPassword":"«x\\"y\\\\»","secret" : '«z»'}
{\\"token\\":\\"«ab\\\\\\"c»\\",\\"x\\":1}
password: «abc»
PASSWORD = «abc»  # a comment
db_passwd=«a:b/c» pwd=«p» API_KEY=«k+/=» apikey: «k» api key: «k» "access-key" => "«k»"
GET /app?token=«abc»&x=1&access_token=«d%20e» HTTP/1.1
x?next=%2Fapp%3Ftoken%3D«abc»%26x%3D1
"url":"/app?token=«abc»\\u0026x=1" token\\u003d«abc»\\u0026x=1 <li>token=«abc»</li>
password: «it's» x, token = «sid=abc» "pwd":"«\\"x»"
{user=bob, password=«a,b», age=3} map[token:«abc» user:bob] (secret=«abc»). [pwd=«abc»][main]
user=bob,password=«abc»,age=3;token=«def»;Path=/
Authorization: Bearer «x.y-z»
Authorization: Basic «dXNlcjpwdw==»
{"Authorization": "Bearer «x»", 'proxy-authorization': b'Basic «y»'} Authorization:[Bearer «xyz»]
authorization: «plain»
\x1b[36mtoken\x1b[0m=«abc»\x1b[0m token=\x1b[0m«abc»\x1b[0m next
config["token"] = '«abc»'
SharedAccessKey=«abc=»;EntityPath=x
"""
URLS = """
amqp://user:«p:w»@host:5672/x and https://:«pw»@host postgres://u:«p@ss»@db/x
jdbc:mysql://root:«12345»@db https://token:«pw»@host/x?pwd=«y»
"""
FORMS = """
--logonToken \x1b[31m«abc123»\x1b[0m next --logonToken\x1b[0m «abc123» next --token \\u001b[31m«abc»\\u001b[0m
--logonToken\xa0«abc123» --logonToken \u2003 «abc123» token:\xa0«abc123» --token\\u00a0«abc»
logonToken=\x1b[1;31m«abc»\x1b[0m "token": \x1b[32m"«abc»"\x1b[0m
aimms.exe /logonToken «abc123» /port 2600 "/password" "«a b»" /apiKey:«abc» /secret=«abc»
<logonToken>«abc»</logonToken><port>5</port> <ns:password type="x">«a b c»</ns:password>
<password><![CDATA[«a b c»]]></password> &lt;token&gt;«abc»&lt;/token&gt;
<session logonToken="«abc»" port="5"/> <add key="logonToken" value="«abc»"/> <add key='api-key'  value='«a b»' />
<param name="password">«abc»</param> <token></token> <secret>  «abc»
{"name": "LOGON_TOKEN", "value": "«abc»"} {\\"name\\":\\"PASSWORD\\",\\"value\\":\\"«abc»\\"}
sent Bearer «abc123def» to /x, bearer «ABCDEFGHIJ», "Bearer\xa0«a1b2»", Bearer\x1b[0m «abcdefghij==»
found «eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N» in («eyJhbGciOiJIUzI1NiJ9.eyJzdWIi»)
user=bob pass=«hunter2» db_pass = «x» --pass «abc» -pass=«abc» ?sv=1&sig=«a%2Bb%3D»&se=2 X-Amz-Signature=«abc»&x=1
"""
COLOURS = """
\x1b[31m--logonToken\x1b[0m «abc123» next \x1b[1;33m-\x1b[0m-password «abc» \\u001b[31m--token\\u001b[0m «abc»
\x1b[36mlogonToken\x1b[0m \x1b[2m=\x1b[0m \x1b[33m«abc123»\x1b[0m \x1b[31m/logonToken\x1b[0m «abc»
"""
DASHES = """
\N{EN DASH}logonToken «abc123» \N{EM DASH}logonToken «abc123» \N{MINUS SIGN}\N{MINUS SIGN}password «abc» x
\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH HYPHEN-MINUS}logonToken «abc» x
\N{SMALL HYPHEN-MINUS}token «abc» \N{NON-BREAKING HYPHEN}token «abc»
"""
ARROWS = """
token -> «abc» password --> "«a b»" logonToken => «a&b» "token" -> "«abc»" x
token =\\u003e «abc» secret -\\u003e «abc» token -&gt; «abc» token =&gt; «abc» token \N{RIGHTWARDS ARROW} «abc» x
logonToken\N{FULLWIDTH COLON} «abc» password\N{FULLWIDTH COLON}«a&b» token\N{FULLWIDTH EQUALS SIGN}«abc» x
"""
CODED = """
&quot;logonToken&quot;:&quot;«a b;c»&quot;,&quot;n&quot;:5
{&#34;password&#34;: &#34;«abc»&#34;} &amp;quot;pwd&amp;quot;:&amp;quot;«v»&amp;quot;
{&#39;logonToken&#39;: &#39;«it"s»&#39;} &apos;token&apos;=&apos;«v»&apos;
{\\u0022token\\u0022:\\u0022«abc»\\u0022,\\u0022n\\u0022:5}
[&quot;--logonToken&quot;, &quot;«a b»&quot;]
&quot;--logonToken&quot; &quot;«abc»&quot; {&quot;name&quot;:&quot;TOKEN&quot;,&quot;value&quot;:&quot;«v»&quot;}
logonToken%22%3A%22«v»%22%2C%22n%22%3A5 %7B%22token%22%3A%20%22«a%20b»%22%7D logonToken%2522%253A%2522«v»%2522 x
?token=«%22a%22b»&x=1 --token%20«v» token:&nbsp;«v» "--logonToken\\t«abc123» {"m": "--logonToken\\t«abc123x»", "k":1}
--logonToken\\r\\n«abc123» "m": "token:\\t«abc1234»"
"""
NAMED_VALUES = """
<password value="«v»"/> <logonToken type='x' value='«a b»' port="5"/>
<token value="" /> &lt;token value=&quot;«v»&quot;/&gt;
<add key="password" type="x" value="«v»"/> name=logonToken value=«v» x
name: api-key, value: «v», n: 5 (name=PASSWORD; value=«v»)
"""
COOKIES = """
Cookie: sid=«v» next Set-Cookie: sid=«v; Path=/»; HttpOnly Cookie: a=«1; b=x%3D=; c=3»
"Cookie": "sid=«v»", 'set-cookie': 'sid=«v; b=2»' curl -H 'Cookie: a=«b&c»' -H x --cookie "sid=«v»"
cookies=sid=«v» \x1b[1mCookie\x1b[0m: a=«b»
"""
SAID = """
apikey "«abcdefg1»" token '«a1b2c3d4»', password \\"«hunter2hunter»\\" x password &quot;«hunter2hunter»&quot; x
the token is «abcdefg1». Your password is: «hunter2-hunter»,
API key was '«k1k2k3k4»' and password changed to «hunter2hunter»
Token: [«abcd»] das Passwort ist «hunter2hunter» (the token is «abc-def-123»)
"""
LANGUAGES = """
passwort=«v» Kennwort: «v» wachtwoord=«v» --passwort «v» "wachtwoord": "«v»" otp=«123456»
x_otp = «1» &otp=«1»&x signature = «v» X-Signature=«v» sig =«v»
"""
UNALTERED = """
Unexpected token "foo", unexpected token '}' at 12345678
token "with blanks 12345", invalid token "}", expected token "end_of_file"
the token is invalid, the password is 8 characters, token is expired since 2026-01-31, password was 2026-01-31T08:00:00Z
the key token is from https://host1/x; token was refreshed; password changed to another; secret is kept
things\N{EM DASH}password changed \N{EN DASH} token expired, x\N{EN DASH}token x 1\N{EN DASH}token y
red \x1b[31mtoken\x1b[0m expired
$config->token->value this.token->x ["token"]->get() token->
cookie: none, cookies: 5, Cookie: accepted, cookie a=b is set, cookie=x
temperature = 5 temperature=5 nature=2 laptop=1 hotpot=3 otp: none desktop=
passwort vergessen, Kennwort und wachtwoord vergeten; keywort=1 swort=2
<password type="text"/> <password value=""/> the token value of 5, token\tvalue is x
&quot;token&quot; &quot;x&quot; C:\\token\\test
bearer token expired, Bearer authentication is used, a bearer of news, Bearer realm="x", Bearer ********
bypass=1 compass=2 pass: 12, fail: 3, design=5, 2 pass 3 fail; sig: 3; keyJoin eyJx.y aeyJhbGciOiJIUzI1.eyJzdWIi
GET /token HTTP/1.1 and GET /app/token x, <b>Password</b> changed <p>token</p> a < b: the token > c
<password/> <token>null</token> <secret>***</secret> {"name": "port", "value": "5"} <input type="password">
token expired, tokens: 5 used, the tokens:5 of --tokens 5
Password changed for user bob; the secret of success; no credentials given
pre-token abc - token abc --tokenizer x token-id=7
"token": null, "secret": {"name": "x"}, password=None token=***, secret: ******** "pwd": "***"
["--token", null, "--token", 5]
x password=None
password= host=x token=, "password": "" token='' x secret=
pwd:
--password --port 22 --token
https://host:8080/x docker://sha256:abcdef0123 mailto:me@x http://me@host/ https://host/a:b@c
crate::token::parse
token: reason: expired
monkey=1 keyword: x secretary=y
"""


NAMES = (
    "token logonToken access_token PASSWORD db.password passwd pwd secret clientSecret credential credentials apiKey "
    "api-key access_key accesskey accountKey account-key privatekey private_key secretKey secret-key authorization "
    "passwort Kennwort wachtwoord"
).split()


def lines(table):
    return [line for line in table.split("\n") if line]


def raw(marked):
    return re.sub("[«»]", "", marked)


def masked(marked):
    return re.sub("«.*?»", MASK, marked)


def run(log, sizes=(), key="", **options):
    """The output and the count for a log cut into pieces of these sizes and the rest."""
    redactor, output, at = Redactor(key, **options), [], 0
    for size in sizes:
        output.append(redactor.feed(log[at : at + size]))
        at += size
    output += [redactor.feed(log[at:]), redactor.finish()]
    return b"".join(output), redactor.redactions


TABLES = OPTIONS + PAIRS + URLS + FORMS + COLOURS + DASHES + ARROWS + CODED + NAMED_VALUES + COOKIES + SAID + LANGUAGES


@pytest.mark.parametrize("marked", lines(TABLES))
def test_the_value_of_a_telling_name_is_masked_and_nothing_else(marked):
    assert redacted(raw(marked)) == masked(marked)
    assert run(raw(marked).encode())[1] == marked.count("«")


@pytest.mark.parametrize("line", lines(UNALTERED))
def test_ordinary_text_stays(line):
    assert redacted(line) == line
    assert run(line.encode()) == (line.encode(), 0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "form", ["--{} «v»", "--{}=«v»", '"{}": "«v»"', "{}: «v»", "{}=«v»", "?{}=«v»&x=1", "'{}':'«v»'"]
)
def test_each_name_in_each_form(name, form):
    marked = f"before {form.format(name)} after"
    assert redacted(raw(marked)) == masked(marked)
    assert may_hide_a_secret(form.format(name))


@pytest.mark.parametrize("opener", [pattern for _rare, pattern, _kind in OPENERS], ids=lambda opener: opener.pattern)
def test_no_text_is_passed_over_that_may_hide_a_secret(opener):
    opened = [raw(line) for line in lines(TABLES) if opener.search(raw(line).lower().encode() + b" ")]
    assert opened
    assert [line for line in opened if not (may_hide_a_secret(line) and may_hide_a_secret(line.upper()))] == []


def test_what_is_masked_stays_the_same_when_masked_again():
    once = redacted(raw(TABLES))
    assert redacted(once) == once
    assert run(once.encode())[1] == 0


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b""])
def test_a_value_ends_with_its_line_even_without_a_closing_quote(end):
    log = b"a --token abc" + end + b' x "token": "abc' + end
    assert run(log + b"next line") == (log.replace(b"abc", MASK.encode()) + b"next line", 2) or not end


def test_bytes_that_are_no_text_stay():
    log = b"\xff\xfe\x00 token=ab\xff\xc3c\x00\r\n\x80--token '\xf0\x00\xff' \x00\xff"
    assert run(log) == (b"\xff\xfe\x00 token=********\x00\r\n\x80--token '********' \x00\xff", 2)
    assert run(bytes(range(256)) * 64) == (bytes(range(256)) * 64, 0)


@pytest.mark.parametrize(
    "marked",
    [
        "--logonToken\n«abc123»\nnext",
        "--logonToken \r\n  «abc123» --port 5\n",
        "--logonToken \\\n\t'«a b»'\n",
        "--logonToken\\n«abc123» x",
        "logonToken:\n  «abc123»\n",
        "logonToken=\n«abc123»",
        "<logonToken>\n  «abc123»\n</logonToken>\n",
        '{"name": "logonToken",\n  "value": "«abc123»"}\n',
        '["/logonToken",\n"«abc123»"]\n',
        "--logonToken\n2026-01-31 08:00:00 a line\n",
        "--logonToken\n--port 5\n",
        "--logonToken ^\r\n  «abc123»\n",
        "--logonToken `\n  «abc123»\n",
        "name: LOGON_TOKEN\n  value: «abc123»\n",
        "--credential\n«abc123» Authorization\n\n",
        "password\n  host: x\n",
        "password:\n  host: x\n",
        "password:\nis asked for now\n",
    ],
)
def test_a_value_may_stand_on_the_next_line(marked):
    log = raw(marked).encode()
    for size in (1, 5, len(log)):
        assert run(log, [size] * len(log)) == (masked(marked).encode(), marked.count("«"))


def test_an_argument_list_may_go_over_several_lines():
    assert (
        redacted('[\n  "--logonToken",\n  "abc",\n  "--port"\n]')
        == '[\n  "--logonToken",\n  "********",\n  "--port"\n]'
    )


@pytest.mark.parametrize("form", Masker(KEY).forms)
@pytest.mark.parametrize("tokens", [True, False])
def test_each_form_of_the_key_is_masked(form, tokens):
    log = f"before {form}, {form}{form} after".encode()
    for sizes in ((), [1] * len(log), [10, 20, 30]):
        assert run(log, sizes, KEY, tokens=tokens) == (b"before ********, **************** after", 3)


def test_without_tokens_only_the_key_is_masked():
    log = f"--token abc {KEY} password=x".encode()
    assert run(log, key=KEY, tokens=False) == (b"--token abc ******** password=x", 1)


@pytest.mark.parametrize("log", [f"apiKey: «{KEY}»", f"--token «a{KEY}b» c", f"?token=«{KEY}»&x"])
def test_a_key_in_a_value_counts_once(log):
    assert run(raw(log).encode(), key=KEY) == (masked(log).encode(), 1)


@pytest.mark.parametrize(("key", "log"), [("a&b=c12", "?token=xa&b=c12y"), ("token=s3cr3t", "my_token=s3cr3t&x")])
def test_a_key_is_masked_where_a_value_would_end_or_begin_within_it(key, log):
    for size in (1, 2, 3, 100):
        output, count = run(log.encode(), [size] * 20, key)
        assert (key.encode() in output, count) == (False, 1)


@pytest.mark.parametrize("form", [b"--token %s end", b'"token": "%s" end', b"token=%s&end", b"x://u:%s@end"])
def test_a_value_of_megabytes_is_masked_in_constant_memory_with_what_is_left_of_its_line(form):
    redactor, secret = Redactor(KEY), b"S3cret+." * 512
    before, after = form.split(b"%s")
    output = [redactor.feed(before)]
    tracemalloc.start()
    for _chunk in range(1000):
        output.append(redactor.feed(secret))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    output += [redactor.feed(after + b"\nnext "), redactor.finish()]
    assert b"".join(output) == before + MASK.encode() + b"\nnext "
    assert redactor.redactions == 1
    assert peak < 1_000_000


@pytest.mark.parametrize("text", [b"x" * 10, b'{"a":"b"},', b"x token=abc ", b"x y "])
def test_a_line_of_megabytes_is_given_out_as_it_comes(text):
    redactor, given, fed = Redactor(KEY), [], 0
    for _feed in range(1000):
        fed += 1000
        given.append(redactor.feed(text * (1000 // len(text)) + b" " * (1000 % len(text))))
        assert fed - sum(map(len, given)) <= 2 * LONGEST_LINE + redactor.redactions * 8
    given.append(redactor.finish())
    assert b"abc" not in b"".join(given)
    assert b"".join(given).count(MASK.encode()) == (83 * 1000 if b"abc" in text else 0)


@pytest.mark.parametrize("over", range(-40, 10))
def test_no_secret_passes_where_a_long_line_is_cut(over):
    log = b"a" * (LONGEST_LINE + over) + b" --logonToken abc123 " + KEY.encode() + b" " + b"b" * 2000 + b"\n"
    for size in (1000, 4096, LONGEST_LINE, len(log)):
        output, count = run(log, [size] * (len(log) // size), KEY)
        assert (count, output.count(b"********")) == (2, 2)
        assert b"abc123" not in output


def test_a_chunk_may_end_where_a_long_value_might():
    assert run(b"token=" + b"a," * 3000 + b"a end", [4006]) == (b"token=******** end", 1)


@pytest.mark.parametrize("blanks", [1, 2, 300, 10_000])
def test_any_number_of_blanks_may_stand_before_a_value(blanks):
    for opening in (b"--token", b"token:", b"Authorization: Bearer"):
        log = opening + b"\t" * blanks + b"%s end"
        assert run(log % b"abc", [blanks]) == (log % MASK.encode(), 1)


@pytest.mark.parametrize("cut", [0, 5, 1036, 1037, 1038, 1039, 1041, 1043, 1044])
def test_an_address_whose_colon_was_the_end_of_another_password_is_one_all_the_same(cut):
    log = b"x://u:" + b"p" * 1030 + b"://v:w@h\n"
    mask = MASK.encode()
    assert run(log, [cut]) == (b"x://u:" + mask + b"://v:" + mask + b"@h\n", 2)
