"""One export of each platform: what becomes of products, variants, prices and states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import Product
from shopwright.catalogue.tables import read_table

Variants = list[tuple[dict[str, str], float | None, str]]


@pytest.fixture
def read(tmp_path: Path):
    def read(content: str | list[Any], layout: str, **options: Any):
        is_text = isinstance(content, str)
        path = tmp_path / ("table.csv" if is_text else "table.jsonl")
        text = content if is_text else "\n".join(orjson.dumps(row).decode() for row in content)
        path.write_text(text, encoding="utf-8")
        report = ImportReport()
        products = read_table(path, report, **options)
        account = report.products + report.rows_joined + report.rows_left_out
        assert report.rows == account + report.rows_without_content
        assert report.layout == layout
        return products, report

    return read


def variants(product: Product) -> Variants:
    return [(dict(v.options), v.price_dollars, v.identifier) for v in product.variants]


def states(report: ImportReport) -> dict[str, str]:
    return {each.asin: each.state for each in report.not_for_sale}


def test_shopify(read):
    products, report = read(
        "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,"
        "Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,"
        "Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,"
        "Variant Image,Status,Fabric (product.metafields.custom.fabric)\n"
        "tee,Plain Tee,<p>Soft.</p>,Marlow,Apparel > Tops,Tops,new,true,Size,S,T-S,shopify,0,deny,"
        "19.00,25.00,'4006381333931,https://x.test/1.jpg,https://x.test/s.jpg,active,Jersey\n"
        "tee,,,,,,,,,M,T-M,shopify,4,deny,21.00,,,https://x.test/2.jpg,,,\n"
        "tee,,,,,,,,,,,,,,,,,https://x.test/3.jpg,,,\n"
        "cap,Wool Cap,,Marlow,,Caps,,true,Title,Default Title,,shopify,0,deny,9.00,,,,,active,\n"
        "hat,Felt Hat,,Marlow,,,,true,Title,Default Title,,shopify,0,continue,9.00,,,,,active,\n"
        "bag,Old Bag,,Marlow,,Bags,,false,Title,Default Title,,,,,9.00,,,,,active,\n",
        "shopify",
    )
    tee, hat = products
    assert variants(tee) == [({"size": "s"}, 19.0, "T-S"), ({"size": "m"}, 21.0, "T-M")]
    small, medium = tee.variants
    assert (small.barcode, small.image) == ("4006381333931", "https://x.test/s.jpg")
    assert (small.availability, medium.availability) == ("out of stock", "")
    assert (tee.image, tee.images) == (
        "https://x.test/1.jpg", ("https://x.test/2.jpg", "https://x.test/3.jpg"),
    )  # fmt: skip
    assert (tee.brand, tee.stock, tee.details) == ("Marlow", 4, {"fabric": "Jersey"})
    assert (hat.asin, hat.options, hat.variants) == ("hat", {}, ())
    assert hat.availability == "backorder"
    assert states(report) == {"cap": "out of stock", "bag": "hidden"}


def test_shopify_sells_on_what_is_out_of_stock(read):
    (tee,), _ = read(
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,"
        "Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price\n"
        "tee,Plain Tee,Size,S,T-S,shopify,0,continue,19.00\n"
        "tee,,,M,T-M,shopify,0,continue,21.00\n"
        "tee,,,L,T-L,shopify,0,deny,21.00\n",
        "shopify",
    )
    assert [v.availability for v in tee.variants] == ["backorder", "backorder", "out of stock"]
    assert [v.available for v in tee.variants] == [True, True, False]


def test_shopify_json(read):
    record = {
        "id": 7, "title": "Plain Tee", "handle": "tee", "body_html": "<p>Soft.</p>",
        "published_at": "2026-01-01", "vendor": "Marlow", "product_type": "Tops",
        "tags": ["new", "cotton"], "images": [{"src": "https://x.test/1.jpg"}],
        "options": [{"name": "Size", "values": ["S", "M"]}, {"name": "Colour", "values": ["Red"]}],
        "variants": [
            {"id": 70, "option1": "S", "option2": "Red", "sku": "T-S", "price": "19.00",
             "available": True, "featured_image": {"src": "https://x.test/s.jpg"}},
            {"id": 71, "option1": "M", "option2": "Red", "sku": None, "price": "21.00",
             "available": False},
        ],
    }  # fmt: skip
    hidden = {**record, "id": 8, "handle": "cap", "published_at": None}
    (tee,), report = read([record, hidden], "shopify_json")
    assert variants(tee) == [
        ({"size": "s", "colour": "red"}, 19.0, "T-S"), ({"size": "m", "colour": "red"}, 21.0, "71"),
    ]  # fmt: skip
    assert tee.variants[1].availability == "out of stock"
    assert (tee.asin, tee.query, tee.brand) == ("tee", "tops", "Marlow")
    assert tee.image == "https://x.test/1.jpg"
    assert "cotton" in tee.search_text
    assert states(report) == {"cap": "hidden"}


def test_woocommerce(read):
    products, report = read(
        "ID,Type,SKU,Name,Published,Visibility in catalog,Short description,Description,"
        "Date sale price ends,In stock?,Stock,Sale price,Regular price,Categories,Images,Parent,"
        "Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s)\n"
        "12,variation,T-R,Tee - Red,1,visible,,,,1,3,,19.00,,,TEE,Colour,Red,,\n"
        '10,"variable",TEE,Plain Tee,1,visible,Soft.,Soft\\nand warm.,,1,,,,"Tops > Tees, New",'
        '"https://x.test/1.jpg, https://x.test/2.jpg",,Colour,"Red, Blue",Fabric,Jersey\n'
        "13,variation,T-B,Tee - Blue,1,visible,,,2020-01-31,1,,15.00,21.00,,,id:10,Colour,Blue,,\n"
        '20,"simple, virtual",GC,Gift Card,1,visible,,,2099-01-31,1,,15.00,21.00,Uncategorized,,,'
        'Colour,"Red, Blue",,\n'
        "30,simple,OLD,Old Tee,-1,visible,,,,1,,,9.00,Tops,,,,,,\n"
        "31,simple,OUT,Sold Tee,1,visible,,,,0,,,9.00,Tops,,,,,,\n",
        "woocommerce",
    )
    tee, card = products
    assert (tee.asin, tee.title, tee.description) == ("10", "Plain Tee", "Soft\nand warm.")
    # A sale that has ended counts no more.
    assert variants(tee) == [({"colour": "red"}, 19.0, "T-R"), ({"colour": "blue"}, 21.0, "T-B")]
    assert tee.details == {"fabric": "jersey"}
    assert (tee.product_category, tee.query) == ("Tops › Tees", "tees")
    assert "new" in tee.keywords
    assert tee.images == ("https://x.test/2.jpg",)
    # What a simple product has of attributes is no choice.
    assert (card.options, card.details) == ({}, {"colour": "red, blue"})
    assert (card.pricing_dollars, card.product_category) == ((15.0,), "")
    assert states(report) == {"30": "draft", "31": "out of stock"}


def test_woocommerce_in_german(read):
    (tee,), report = read(
        "ID,Typ,Artikelnummer,Name,Veröffentlicht,Vorrätig?,Angebotspreis,Regulärer Preis,"
        "Kategorien,Übergeordnetes Produkt,Attribut 1 Name,Attribut 1 Wert(e)\n"
        '1,variable,T,Hemd,1,1,,,Kleidung > Hemden,,Farbe,"Rot, Blau"\n'
        "2,variation,T-R,Hemd - Rot,1,1,,19.00,,id:1,Farbe,Rot\n"
        "3,variation,T-B,Hemd - Blau,1,1,15.00,19.00,,id:1,Farbe,Blau\n"
        "4,simple,G,Gürtel,0,1,,9.00,,,,\n",
        "woocommerce",
    )
    assert variants(tee) == [({"farbe": "rot"}, 19.0, "T-R"), ({"farbe": "blau"}, 15.0, "T-B")]
    assert states(report) == {"4": "hidden"}


def test_woocommerce_json(read):
    (tee,), _ = read(
        [
            {
                "id": 5, "name": "Plain Tee", "slug": "tee", "permalink": "https://x.test/tee",
                "type": "variable", "status": "publish", "catalog_visibility": "visible",
                "description": "<p>Soft.</p>", "sku": "TEE", "price": "19", "regular_price": "21",
                "on_sale": True, "stock_status": "instock",
                "categories": [{"id": 1, "name": "Tops"}], "images": [{"src": "https://x.test/1"}],
                "attributes": [{"name": "Size", "options": ["S", "M"], "variation": True}],
            }
        ],
        "woocommerce_json",
    )  # fmt: skip
    assert (tee.options, tee.pricing_dollars, tee.query) == ({"size": ("s", "m")}, (19.0,), "tops")
    assert (tee.availability, tee.address) == ("in stock", "https://x.test/tee")


def test_magento(read):
    products, report = read(
        "sku,store_view_code,attribute_set_code,product_type,categories,name,description,"
        "product_online,visibility,price,special_price,special_price_to_date,base_image,"
        "additional_images,additional_attributes,qty,is_in_stock,configurable_variations\n"
        "T-S,,Default,simple,Default Category/Tops,Tee S,,1,Not Visible Individually,19.0000,,,"
        '/s.jpg,,"size=S,manufacturer=Marlow",4.0000,1,\n'
        "T-M,,Default,simple,Default Category/Tops,Tee M,,2,Not Visible Individually,21.0000,,,"
        '/m.jpg,,"size=M",4.0000,1,\n'
        "T-L,,Default,simple,Default Category/Tops,Tee L,,1,Not Visible Individually,23.0000,20.00,"
        '2099-12-31,/l.jpg,,"size=L",0.0000,1,\n'
        'TEE,,Default,configurable,"Default Category,Default Category/Tops/Tees",Plain Tee,Soft.,'
        '1,"Catalog, Search",,,,/1.jpg,"/2.jpg,/3.jpg","fabric=Jersey,note=warm, soft",,1,'
        '"sku=T-S,size=S|sku=T-M,size=M|sku=T-L,size=L"\n'
        "TEE,german,,,,Schlichtes T-Shirt,Weich.,,,,,,,,,,,\n"
        "ALONE,,Default,simple,,Spare Part,,1,Not Visible Individually,2.0000,,,,,,1,1,\n",
        "magento",
    )
    (tee,) = products
    assert (tee.asin, tee.title, tee.description) == ("TEE", "Plain Tee", "Soft.")
    assert variants(tee) == [({"size": "s"}, 19.0, "T-S"), ({"size": "l"}, 20.0, "T-L")]
    assert [variant.image for variant in tee.variants] == ["/s.jpg", "/l.jpg"]
    assert tee.variants[1].availability == "out of stock"
    assert (tee.image, tee.images[:2]) == ("/1.jpg", ("/2.jpg", "/3.jpg"))
    assert (tee.product_category, tee.query) == ("Tops › Tees", "tees")
    assert tee.details == {"fabric": "Jersey", "note": "warm, soft"}
    assert states(report) == {"ALONE": "hidden"}
    assert report.rows_joined == 4


def test_bigcommerce(read):
    products, report = read(
        "Item Type,Product ID,Product Name,Product Type,Product Code/SKU,Brand Name,"
        "Product Description,Price,Retail Price,Sale Price,Product Visible?,Track Inventory,"
        "Current Stock Level,Category,Product Image File - 1,Product Image File - 2,"
        "Product UPC/EAN,Product Custom Fields\n"
        "Product,3,Plain Tee,P,TEE,Marlow,<p>Soft.</p>,20.00,30.00,0.00,Y,by option,0,"
        'Tops/Tees;New,1.jpg,2.jpg,,"Fabric=Jersey;Fit=Slim"\n'
        '  SKU,4,"[S]Size=S,[CS]Colour=Red:#FF0000",,T-S,,,,,,,,4,,,,40001,\n'
        '  SKU,5,"[S]Size=M,[CS]Colour=Red:#FF0000",,T-M,,,,,,,,6,,,,40002,\n'
        "  Rule,,,,T-M,,,[ADD]3.00,,,,,,,,,,\n"
        "Product,9,Old Tee,P,OLD,Marlow,,5.00,0.00,0.00,N,none,0,Tops,,,,\n",
        "bigcommerce",
    )
    (tee,) = products
    assert variants(tee) == [
        ({"size": "s", "colour": "red"}, 20.0, "T-S"),
        ({"size": "m", "colour": "red"}, 23.0, "T-M"),
    ]
    assert [variant.barcode for variant in tee.variants] == ["40001", "40002"]
    assert (tee.image, tee.images, tee.stock) == ("1.jpg", ("2.jpg",), 10)
    assert tee.details == {"fabric": "Jersey", "fit": "Slim"}
    assert states(report) == {"9": "hidden"}
    assert report.rows_without_content == 1


def test_bigcommerce_rules_have_the_skus_of_variants(read):
    (tee,), report = read(
        "Item Type,Product Name,Product Code/SKU,Price,Product Visible?\n"
        "Product,Plain Tee,TEE,20.00,Y\n"
        "  SKU,[S]Size=S,SN-41,,\n"
        "  SKU,[S]Size=M,SN-42,,\n"
        "  Rule,SN-41,SN-41,[FIXED]65,\n",
        "bigcommerce",
    )
    assert [variant.price_dollars for variant in tee.variants] == [65.0, 20.0]
    assert report.problems == []


def test_bigcommerce_v3(read):
    products, _ = read(
        "Item,ID,Name,Type,SKU,Options,Inventory Tracking,Current Stock,Price,Sale Price,Brand,"
        "Categories,Description,Is Visible,Variant Image URL,Internal Image URL (Export)\n"
        "Product,3,Plain Tee,physical,TEE,,variant,0,20.00,,Marlow,Tops/Tees,<p>Soft.</p>,TRUE,,\n"
        "Variant,4,,,T-S,Type=Rectangles|Name=Size|Value=SType=Swatch|Name=Colour|Value=Red"
        "[#FF0000],,5,,,,,,,https://x.test/s.jpg,\n"
        "Variant,5,,,T-M,Type=Rectangles|Name=Size|Value=M|Type=Swatch|Name=Colour|Value=Red,,5,"
        "22.00,,,,,,,\n"
        "Image,,,,,,,,,,,,,,,https://x.test/1.jpg\n",
        "bigcommerce_v3",
    )
    (tee,) = products
    assert variants(tee) == [
        ({"size": "s", "colour": "red"}, 20.0, "T-S"),
        ({"size": "m", "colour": "red"}, 22.0, "T-M"),
    ]
    assert tee.image == "https://x.test/1.jpg"
    assert tee.variants[0].image == "https://x.test/s.jpg"


def test_prestashop(read):
    products, report = read(
        "Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax included;Tax rules ID;"
        "On sale (0/1);Reference #;Manufacturer;EAN13;Quantity;Description;Tags (x,y,z...);"
        "Image URLs (x,y,z...);Feature(Name:Value:Position);"
        "Attribute (Name:Type:Position)*;Value (Value:Position)*;Impact on price\n"
        "1;1;Plain Tee;Home,Tees;20.00;1;0;TEE;Marlow;4006381333931;9;<p>Soft.</p>;new;"
        "https://x.test/1.jpg,https://x.test/2.jpg;Fabric:Jersey:1,Fit:Slim:2;;;\n"
        "1;;;;;;;T-S;;;;;;;;Size:select:0, Colour:color:1;S:0, Red:1;0\n"
        "1;;;;;;;T-M;;;;;;;;Size:select:0, Colour:color:1;M:0, Red:1;2.50\n"
        "2;0;Old Tee;Home;5.00;1;0;OLD;Marlow;;0;;;;;;;\n",
        "prestashop",
    )
    (tee,) = products
    assert variants(tee) == [
        ({"size": "s", "colour": "red"}, 20.0, "T-S"),
        ({"size": "m", "colour": "red"}, 22.5, "T-M"),
    ]
    assert (tee.product_category, tee.brand) == ("Tees", "Marlow")
    assert tee.details == {"fabric": "Jersey", "fit": "Slim"}
    assert tee.images == ("https://x.test/2.jpg",)
    assert states(report) == {"2": "hidden"}


def test_squarespace(read):
    products, report = read(
        "Product ID [Non Editable],Variant ID [Non Editable],Product Type [Non Editable],"
        "Product Page,Product URL,Title,Description,SKU,Option Name 1,Option Value 1,Price,"
        "Sale Price,On Sale,Stock,Categories,Tags,Visible,Hosted Image URLs\n"
        "p1,v1,PHYSICAL,shop,tee,Plain Tee,<p>Soft.</p>,T-S,Size,S,20.00,0.00,No,0,"
        '"/tops/tees, /new",new,Yes,https://x.test/1.jpg https://x.test/2.jpg\n'
        ",v2,,,,,,,Size,M,24.00,18.00,Yes,Unlimited,,,,\n"
        "p2,v3,PHYSICAL,shop,old,Old Tee,,O,,,5.00,0.00,No,3,,,No,\n",
        "squarespace",
    )
    (tee,) = products
    assert variants(tee) == [({"size": "s"}, 20.0, "T-S"), ({"size": "m"}, 18.0, "v2")]
    assert (tee.product_category, tee.images) == ("tops › tees", ("https://x.test/2.jpg",))
    assert tee.variants[0].availability == "out of stock"
    assert states(report) == {"p2": "hidden"}


def test_square(read):
    products, report = read(
        "Token,Item Name,Variation Name,SKU,Description,Categories,GTIN,Price,Online Sale Price,"
        "Archived,Option Name 1,Option Value 1\n"
        'A1,Plain Tee,Small,T-S,Soft.,"Tops > Tees, New",,20.00,,N,Size,S\n'
        "A2,Plain Tee,Medium,T-M,Soft.,Tops > Tees,,21.00,19.00,N,Size,M\n"
        "A3,Oat Soap,Regular,OS,Mild.,Bath,,4.00,,N,,\n"
        "A4,Oat Soap,Family Size,OF,Mild.,Bath,,9.00,,N,,\n"
        "A5,Old Tee,Regular,O,,,,5.00,,Y,,\n",
        "square",
    )
    tee, soap = products
    assert variants(tee) == [({"size": "s"}, 20.0, "T-S"), ({"size": "m"}, 19.0, "T-M")]
    assert [variant.price_dollars for variant in soap.variants] == [4.0, 9.0]
    assert soap.options == {"variation": ("family size",)}
    assert states(report) == {"A5": "archived"}


def test_wix(read):
    products, report = read(
        "handleId,fieldType,name,description,productImageUrl,collection,sku,price,surcharge,"
        "visible,discountMode,discountValue,inventory,productOptionName1,productOptionType1,"
        "productOptionDescription1,additionalInfoTitle1,additionalInfoDescription1,brand\n"
        "h1,Product,Plain Tee,<p>Soft.</p>,a.jpg;b.jpg,Tees;New,,20.0,,true,PERCENT,10.0,InStock,"
        "Colour,COLOR,#FF0000:Red;#0000FF:Blue,Care,<p>Cold wash</p>,Marlow\n"
        "h1,Variant,,,,,T-R,,0.0,true,,,4,,,#FF0000:Red,,,\n"
        "h1,Variant,,,,,T-B,,5.0,true,,,0,,,#0000FF:Blue,,,\n"
        "h2,Product,Old Tee,,,,,5.0,,false,AMOUNT,0.0,InStock,,,,,,\n"
        "h3,Product,Sold Tee,,,,,5.0,,true,AMOUNT,0.0,OutOfStock,,,,,,\n",
        "wix",
    )
    (tee,) = products
    assert variants(tee) == [({"colour": "red"}, 18.0, "T-R"), ({"colour": "blue"}, 22.5, "T-B")]
    assert tee.variants[1].availability == "out of stock"
    assert (tee.image, tee.images, tee.brand) == ("a.jpg", ("b.jpg",), "Marlow")
    assert tee.details == {"care": "Cold wash"}
    assert states(report) == {"h2": "hidden", "h3": "out of stock"}


def test_etsy(read):
    (tee, ring), report = read(
        "TITLE,DESCRIPTION,PRICE,CURRENCY_CODE,QUANTITY,TAGS,MATERIALS,IMAGE1,IMAGE2,"
        "VARIATION 1 TYPE,VARIATION 1 NAME,VARIATION 1 VALUES,SKU\n"
        'Plain Tee,"Soft\nand warm.",20.00,EUR,9,"plain_tee,gift_for_her","cotton,linen",'
        'https://x.test/1.jpg,https://x.test/2.jpg,Size,Size,"S,M",\n'
        'Ring,Gold.,9.00,EUR,2,,,,,,,,"R-1,R-2"\n',
        "etsy",
    )
    assert tee.options == {"size": ("s", "m")}
    assert (tee.asin, ring.asin) == ("ROW0000002", "R-1")
    assert (tee.currency, tee.images) == ("EUR", ("https://x.test/2.jpg",))
    assert "gift for her" in tee.search_text
    assert tee.details == {"materials": "cotton, linen"}
    assert "1 id made from row numbers" in report.summary()


def test_opencart(read):
    (tee,), report = read(
        "product_id,name(en-gb),categories,sku,ean,quantity,model,manufacturer,image_name,price,"
        "date_available,status,tax_class_id,description(en-gb),tags(en-gb),sort_order,subtract\n"
        '42,Plain Tee,"20,18",T,4006381333931,7,TEE,Marlow,catalog/1.jpg,20.0000,2020-01-01,true,9,'
        '"&lt;p&gt;Soft.&lt;/p&gt;",new,0,true\n'
        "43,Old Tee,20,O,,7,OLD,Marlow,,5.0000,2020-01-01,false,9,,,0,true\n",
        "opencart",
    )
    assert (tee.title, tee.brand, tee.barcode) == ("Plain Tee", "Marlow", "4006381333931")
    assert (tee.product_category, tee.pricing_dollars) == ("", (20.0,))
    assert tee.description == "Soft."
    assert states(report) == {"43": "hidden"}


def test_google_merchant(read):
    products, report = read(
        "id,title,description,link,image link,additional image link,availability,price,sale price,"
        "sale price effective date,product type,google product category,brand,gtin,item group id,"
        "color,size,material\n"
        "1,Plain Tee Red,Soft.,https://x.test/t?v=1,https://x.test/1.jpg,https://x.test/2.jpg,"
        "in_stock,20.00 EUR,15.00 EUR,2020-01-01T00:00-0800/2020-02-01T00:00-0800,"
        "Tops > Tees,212,Marlow,4006381333931,TEE,Red,M,Jersey\n"
        "2,Plain Tee Blue,Soft.,https://x.test/t?v=2,https://x.test/3.jpg,,out_of_stock,21.00 EUR,"
        "15.00 EUR,2020-01-01/2099-02-01,Tops > Tees,212,Marlow,,TEE,Blue,M,Linen\n"
        "3,Sold Cap,,,,,out of stock,9.00 EUR,,,,,,,,,,\n"
        "4,Coming Cap,,,,,preorder,9.00 EUR,,,,,,,,,,\n",
        "google",
    )
    tee, cap = products
    assert variants(tee) == [
        ({"color": "red", "size": "m", "material": "jersey"}, 20.0, "1"),
        ({"color": "blue", "size": "m", "material": "linen"}, 15.0, "2"),
    ]
    assert (tee.title, tee.asin, tee.query) == ("Plain Tee", "TEE", "tees")
    assert tee.address == "https://x.test/t?v=1"
    assert cap.availability == "preorder"
    assert states(report) == {"3": "out of stock"}


def test_googles_retail_api(read):
    records = [
        {
            "id": "T-R", "type": "VARIANT", "primaryProductId": "TEE", "title": "Plain Tee",
            "categories": ["Tops > Tees", "New"], "brands": ["Marlow"], "gtin": "0",
            "priceInfo": {"price": 20, "originalPrice": 25, "currencyCode": "EUR"},
            "availability": "IN_STOCK", "attributes": {"fabric": {"text": ["Jersey"]}},
            "colorInfo": {"colors": [color]}, "images": [{"uri": "https://x.test/1.jpg"}],
        }
        for color in ("Red", "Blue")
    ]  # fmt: skip
    records[1] |= {"id": "T-B", "priceInfo": {"price": 22, "currencyCode": "EUR"}}
    (tee,), _ = read(records, "google_retail")
    assert variants(tee) == [({"color": "red"}, 20.0, "T-R"), ({"color": "blue"}, 22.0, "T-B")]
    assert (tee.asin, tee.currency, tee.product_category) == ("TEE", "EUR", "Tops › Tees")
    assert (tee.details, tee.brand, tee.barcode) == ({"fabric": "Jersey"}, "Marlow", "")


def test_meta(read):
    products, report = read(
        "id,title,description,availability,condition,price,link,image_link,brand,"
        "fb_product_category,quantity_to_sell_on_facebook,item_group_id,color,size,status,"
        "additional_variant_attribute,product_tags[0],product_tags[1]\n"
        "1,Oat Soap,Mild.,in stock,new,4.00 USD,u,https://x.test/1.jpg,Marlow,Bath > Soaps,5,SOAP,,"
        ',active,"Scent: Rose, Cut: Round",mild,vegan\n'
        "2,Oat Soap,Mild.,in stock,new,5.00 USD,u,,Marlow,Bath > Soaps,5,SOAP,,,active,"
        '"Scent: Mint, Cut: Round",,\n'
        "3,Old Soap,Mild.,in stock,new,5.00 USD,u,,Marlow,Bath > Soaps,5,,,,archived,,,\n",
        "facebook",
    )
    (soap,) = products
    assert variants(soap) == [
        ({"scent": "rose", "cut": "round"}, 4.0, "1"),
        ({"scent": "mint", "cut": "round"}, 5.0, "2"),
    ]
    assert (soap.query, soap.stock) == ("soaps", 10)
    assert states(report) == {"3": "archived"}


def test_openais_feed(read):
    shared = {
        "is_eligible_search": True, "is_eligible_checkout": False, "group_id": "TEE",
        "title": "Plain Tee Red S", "item_group_title": "Plain Tee", "description": "Soft.",
        "url": "https://x.test/t", "image_url": "https://x.test/1.jpg", "brand": "Marlow",
        "product_category": "Tops > Tees", "availability": "in_stock", "star_rating": "4.5",
    }  # fmt: skip
    (tee,), _ = read(
        [
            {**shared, "item_id": "1", "price": "20.00 USD", "variant_dict": {"size": "S"}},
            {**shared, "item_id": "2", "price": "22.00 USD", "variant_dict": {"size": "M"}},
        ],
        "openai",
    )
    assert variants(tee) == [({"size": "s"}, 20.0, "1"), ({"size": "m"}, 22.0, "2")]
    assert (tee.title, tee.rating, tee.query) == ("Plain Tee", "4.5", "tees")


def commerce_variant(identifier: str, cents: int, options: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "id": identifier,
        "title": "Plain Tee",
        "price": {"amount": cents, "currency": "EUR"},
        "availability": {"available": True, "status": "in_stock"},
        "categories": [{"value": "Tops > Tees"}],
        "barcodes": [{"type": "GTIN", "value": "4006381333931"}],
        "variant_options": options,
    }


def test_agentic_commerce_protocol(read):
    (tee,), _ = read(
        [
            {
                "id": "TEE",
                "title": "Plain Tee",
                "description": {"plain": "Soft.", "html": "<p>Soft.</p>"},
                "media": [{"type": "image", "url": "https://x.test/1.jpg"}],
                "variants": [
                    commerce_variant("T-S", 2000, [{"name": "Size", "value": "S"}]),
                    commerce_variant("T-M", 2250, [{"name": "Size", "value": "M"}]),
                ],
            }
        ],
        "acp",
    )
    assert variants(tee) == [({"size": "s"}, 20.0, "T-S"), ({"size": "m"}, 22.5, "T-M")]
    assert (tee.currency, tee.description, tee.query) == ("EUR", "Soft.", "tees")
    assert tee.variants[0].barcode == "4006381333931"


def test_universal_commerce_protocol(read):
    price = {"amount": 2000, "currency": "USD"}
    (tee,), _ = read(
        [
            {
                "id": "TEE", "title": "Plain Tee", "description": {"plain": "Soft."},
                "price_range": {"min": price, "max": price}, "categories": [{"value": "Tops"}],
                "options": [{"name": "Size", "values": [{"label": "M"}, {"label": "S"}]}],
                "metadata": {"details": {"fabric": "Jersey"}},
                "variants": [
                    {"id": "T-S", "price": price, "options": [{"name": "Size", "label": "S"}]},
                    {"id": "T-M", "price": price, "options": [{"name": "Size", "label": "M"}]},
                ],
            }
        ],
        "ucp",
    )  # fmt: skip
    assert tee.options == {"size": ("m", "s")}
    assert variants(tee) == [({"size": "s"}, 20.0, "T-S"), ({"size": "m"}, 20.0, "T-M")]
    assert tee.details == {"fabric": "Jersey"}


def test_schema_org(read):
    offer = {"@type": "Offer", "price": "20", "priceCurrency": "GBP",
             "availability": "https://schema.org/InStock"}  # fmt: skip
    products, report = read(
        [
            {
                "@type": "ProductGroup", "productGroupID": "TEE", "name": "Plain Tee",
                "brand": {"@type": "Brand", "name": "Marlow"}, "image": ["https://x.test/1.jpg"],
                "hasVariant": [
                    {"@type": "Product", "sku": "T-S", "size": "S", "offers": offer},
                    {"@type": "Product", "sku": "T-M", "size": "M",
                     "offers": {**offer, "price": 22}},
                ],
            },
            {"@type": "Product", "sku": "CAP", "name": "Wool Cap", "offers": {
                "@type": "AggregateOffer", "lowPrice": 9, "highPrice": 12, "priceCurrency": "GBP"}},
            {"@type": "Product", "sku": "OLD", "name": "Old Cap",
             "offers": [{**offer, "availability": "SoldOut"}]},
            {"@type": "BreadcrumbList", "name": "Crumbs"},
        ],
        "schema_org",
    )  # fmt: skip
    tee, cap = products
    assert variants(tee) == [({"size": "s"}, 20.0, "T-S"), ({"size": "m"}, 22.0, "T-M")]
    assert (tee.brand, tee.currency, tee.image) == ("Marlow", "GBP", "https://x.test/1.jpg")
    assert cap.pricing_dollars == (9.0, 12.0)
    assert states(report) == {"OLD": "out of stock"}
    assert report.rows_without_content == 1


def test_algolia(read):
    (tee,), _ = read(
        [
            {
                "objectID": "7", "name": "Plain Tee", "price": 20.5, "type": "Hard good",
                "hierarchicalCategories": {"lvl0": "Tops", "lvl1": "Tops > Tees"},
                "categories": ["Tops", "Tees"], "sizes": ["S", "M"], "rating": 4,
            }
        ],
        "algolia",
    )  # fmt: skip
    assert (tee.asin, tee.product_category, tee.query) == ("7", "Tops › Tees", "tees")
    assert tee.options == {"sizes": ("s", "m")}


def test_woocommerces_variations_for_any_value(read):
    (tee,), _ = read(
        "ID,Type,SKU,Name,Published,Short description,Description,In stock?,Regular price,Parent,"
        "Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s)\n"
        '1,variable,T,Tee,1,Light and warm.,A tee.,1,,,Colour,"Red, Blue",Size,"S, M"\n'
        "2,variation,T-S,Tee S,1,,,1,10,T,Colour,,Size,S\n"
        "3,variation,T-M,Tee M,1,,,1,12,T,Size,M,Colour,\n",
        "woocommerce",
    )
    assert dict(tee.options) == {"colour": ("red", "blue"), "size": ("s", "m")}
    assert [tee.price_with({"colour": "blue", "size": size}) for size in ("s", "m")] == [10, 12]
    # A short description beside the long one is a bullet.
    assert (tee.description, tee.bullets) == ("A tee.", ("Light and warm.",))


def test_prestashops_discounts(read):
    products, _ = read(
        "Product ID,Active (0/1),Name,Price tax included,On sale (0/1),Discount amount,"
        "Discount percent\n"
        "1,1,Sofa,100,0,15,\n2,1,Chair,80,0,0,25\n3,1,Table,70,0,,\n4,1,Lamp,9,0,20,\n",
        "prestashop",
    )
    assert [each.price_dollars for each in products] == [85, 60, 70, 9]


def test_magentos_products_of_parts_have_no_stock_of_their_own(read):
    products, report = read(
        "sku,attribute_set_code,product_type,name,price,product_online,qty,is_in_stock\n"
        "B,Default,bundle,Desk Set,,1,0,1\nG,Default,grouped,Chairs,,1,0,1\n"
        "O,Default,bundle,Old Set,,1,0,0\nS,Default,simple,Desk,90,1,3,1\n"
        "E,Default,simple,Lamp,9,1,0,1\n",
        "magento",
    )
    assert [(each.asin, each.stock) for each in products] == [("B", None), ("G", None), ("S", 3)]
    assert states(report) == {"O": "out of stock", "E": "out of stock"}
    assert {each.product_category for each in products} == {""}


def test_squares_stock_by_location(read):
    (mug, _), _ = read(
        "Token,Item Name,Variation Name,SKU,Price,Option Name 1,Option Value 1,"
        "Current Quantity Main Street,Current Quantity Harbour\n"
        "T,Mug,Red,M-R,5.00,Colour,Red,0,0\nU,Mug,Blue,M-B,6.00,Colour,Blue,1,3\n"
        "V,Mug,Grey,M-G,6.00,Colour,Grey,,\nW,Pan,Regular,P,9.00,,,,2\n",
        "square",
    )
    assert [(v.stock, v.availability) for v in mug.variants] == [
        (0, "out of stock"), (4, ""), (None, ""),
    ]  # fmt: skip
