// A product's picture from this service, or a drawing of the kind of thing it is.

import { make } from "./elements.js";

const DRAWINGS = [
  ["shoe", /shoe|boot|pumps|sneaker|sandal|slipper|loafer|heel|footwear/],
  ["shirt", /shirt|jacket|coat|dress|sweater|hoodie|blouse|pant|jean|short|sock|legging|cloth|wear|fashion|suit/],
  ["lamp", /lamp|light|lantern|chandelier|sconce|bulb|candle/],
  ["chair", /chair|sofa|bookcase|couch|bed|table|desk|shelf|cabinet|furniture|stool|bench|ottoman|dresser|stand/],
  ["cloth", /rug|blanket|curtain|pillow|towel|sheet|throw|cushion|quilt|mat\b|bedding|linen/],
  ["cup", /coffee|tea|drink|juice|water|mug|cup|snack|food|chocolate|nut|sauce|grocery|candy|spice|cookie/],
  ["bottle", /cream|shampoo|oil|soap|lotion|perfume|beauty|hair|skin|makeup|nail|serum|tooth|brush|spray/],
  ["plug", /cable|charger|phone|camera|speaker|headphone|laptop|tv|tablet|electronic|battery|adapter|monitor|watch/],
];
const HUES = 6;

export function picture(item) {
  if (!item.picture) return drawing(item);
  const image = make("img", { class: "photo", src: item.picture, alt: "", loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(drawing(item)), { once: true });
  return image;
}

function drawing(item) {
  const words = `${item.kind || ""} ${item.title}`.toLowerCase();
  const found = DRAWINGS.find(([, pattern]) => pattern.test(item.kind?.toLowerCase() || ""))
    || DRAWINGS.find(([, pattern]) => pattern.test(words));
  const hue = [...(item.kind || item.title)].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % HUES;
  return make("div", { class: `drawn hue-${hue}` },
    make("img", { src: `/static/drawn/${found ? found[0] : "box"}.svg`, alt: "", width: 96, height: 96 }));
}
