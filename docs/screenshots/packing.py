"""Writes pictures as PNG files with a palette of 256 colours, a third of what Chromium makes of them."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

# Begun with the most frequent colour, each that is not yet nearly there goes into the palette; what is near enough is
# what makes it 256. So the few pixels of an icon keep their colours, and the shades at the edges of letters share some.
TO_PALETTE = """async (url) => {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const one of pixels) counts.set(one, (counts.get(one) ?? 0) + 1);
  const parts = (one) => [one & 255, (one >> 8) & 255, (one >> 16) & 255];
  const colours = [...counts].sort(([, a], [, b]) => b - a).map(([one]) => one);
  const measure = ([r, g, b]) => ([x, y, z]) => 2 * (r - x) ** 2 + 4 * (g - y) ** 2 + 3 * (b - z) ** 2;
  let palette;
  for (let near = 1; !palette || palette.length > 256; near *= 1.4) {
    palette = [];
    for (const colour of colours.map(parts)) {
      const far = measure(colour);
      if (!palette.some((one) => far(one) < near)) palette.push(colour);
      if (palette.length > 256) break;
    }
  }
  const indexes = new Map(colours.map((one) => {
    const far = palette.map(measure(parts(one)));
    return [one, far.indexOf(Math.min(...far))];
  }));
  const rows = new Uint8Array((width + 1) * height);
  pixels.forEach((one, at) => { rows[at + Math.floor(at / width) + 1] = indexes.get(one) });
  const reader = new FileReader();
  const read = new Promise((resolve) => { reader.onload = () => resolve(reader.result) });
  reader.readAsDataURL(new Blob([rows]));
  return { width, height, palette: palette.flat(), rows: (await read).split(",")[1] };
}"""


class Packer:
    """Writes pictures.

    :param browser: of Playwright; it reads the pixels.
    """

    def __init__(self, browser: Any) -> None:
        self._page = browser.new_page()

    def save(self, image: bytes, path: Path) -> None:
        """Write a screenshot as a file.

        :param image: a PNG file.
        """
        url = f"data:image/png;base64,{base64.b64encode(image).decode()}"
        found = self._page.evaluate(TO_PALETTE, url)
        head = struct.pack(">IIBBBBB", found["width"], found["height"], 8, 3, 0, 0, 0)
        rows = zlib.compress(base64.b64decode(found["rows"]), 9)
        chunks = [
            (b"IHDR", head),
            (b"PLTE", bytes(found["palette"])),
            (b"IDAT", rows),
            (b"IEND", b""),
        ]
        made = image[:8] + b"".join(_chunk(kind, body) for kind, body in chunks)
        path.write_bytes(made)
        print(path.name, len(made))


def _chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG file: length, kind, body and check sum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
