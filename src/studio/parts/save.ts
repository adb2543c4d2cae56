import { fileNameOf } from '../state/folder.ts';

/* Files from the page to the person. */

const types: Readonly<Record<string, string>> = {
  png: 'image/png',
  svg: 'image/svg+xml',
  json: 'application/json',
  html: 'text/html',
};

/** Has the browser save a file. */
export function saveFile(name: string, content: Uint8Array<ArrayBuffer> | string | Blob): void {
  const type = types[name.replace(/^.*\./, '')] ?? 'application/octet-stream';
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = fileNameOf(name);
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** An SVG document as PNG, so many pixels per unit. Workers cannot draw SVG. */
export async function drawnSvg(svg: string, density = 2): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const drawn = new Image();
    drawn.src = address;
    await drawn.decode();
    const canvas = document.createElement('canvas');
    canvas.width = drawn.width * density;
    canvas.height = drawn.height * density;
    canvas.getContext('2d')?.drawImage(drawn, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser drew nothing')))),
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}
