"""Encodings of texts, by marks and by letters."""

from __future__ import annotations

import pytest

from shopwright.errors import InputError

TEXTS = {
    "utf-8": "Größe, 石鹸",
    "cp1252": "Große Tüte für Gemüse, Théière émaillée; 4,99 €",
    "cp1250": "Żółta kurtka, łyżka drewniana, Dřevěná lžíce s měkkým úchytem",
    "cp1254": "Yağmurluk, su geçirmez kumaş, küçük şişe",
    "cp1257": "Lietus mētelis, ūdensizturīgs, ar šuvēm un divām kabatām",
    "mac_roman": "Théière en céramique émaillée à la française",
    "cp1251": "Куртка непромокаемая с капюшоном, сумка холщовая",
    "koi8_r": "Куртка непромокаемая с капюшоном, сумка холщовая",
    "cp1253": "Αδιάβροχο μπουφάν με κουκούλα",
    "cp1255": "מעיל גשם עמיד במים עם כובע ושני כיסים עם רוכסן",
    "cp932": "レインジャケット 防水 キャンバスバッグ",
    "gb18030": "防水雨衣夹克，帆布包，棉质内衬",
    "big5": "防水雨衣外套，帆布包，棉質內襯",
    "cp949": "방수 레인 재킷, 캔버스 가방",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_encodings_are_found_out(read, encoding):
    if encoding not in ("utf-8", "cp1252"):
        pytest.importorskip("charset_normalizer")
    title = TEXTS[encoding]
    rows, report = read(f'id,title\n1,"{title}"\n2,Mug\n'.encode(encoding))
    assert rows[0]["title"] == title
    assert report.files[0].encoding == encoding
    assert not report.problems


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)  # fmt: skip
@pytest.mark.parametrize(
    "content",
    [
        "id,title\n1,Größe\n",
        '[{"id": "1", "title": "Größe"}]',
        '{"id": "1", "title": "Größe"}\n{"id": "2", "title": "b"}\n',
    ],
)
def test_marks_and_wide_characters(read, encoding, content):
    rows, _ = read(content.encode(encoding))
    assert rows[0] == {"id": "1", "title": "Größe"}


def test_single_other_bytes_in_utf_8_are_mended_where_they_stand(read):
    rows, report = read("id,title\n1,Größe\n2,Maß\n".encode() + b"3,Caf\xe9 - 5\x80\n")
    assert [row["title"] for row in rows] == ["Größe", "Maß", "Café - 5€"]
    assert [(p.line, p.column, p.kind) for p in report.problems] == [(4, "title", "encoding")]
    rows, report = read(b'{"id": 1, "title": "Caf\xe9"}\n' + '{"title": "Größe, Maß"}'.encode())
    assert [row["title"] for row in rows] == ["Café", "Größe, Maß"]
    assert [(p.line, p.kind) for p in report.problems] == [(1, "encoding")]


def test_an_encoding_can_be_named(read):
    rows, _ = read("id,title\n1,Łyżka\n".encode("cp1250"), encoding="windows-1250")
    assert rows[0]["title"] == "Łyżka"
    for name in ("klingon", "base64", "rot13", "x\0y", ""):
        if name:
            with pytest.raises(InputError, match="--encoding: expected an encoding such as"):
                read("id,title\n", encoding=name)
