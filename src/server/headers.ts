import { mimes } from 'hono/utils/mime';
import { isolationHeaders } from '../common/isolation.ts';

/* Headers of all answers, by whose content they have. */

/**
 * Of the page: nothing but its own files runs, no inline code, no other host is asked. WebAssembly must be compiled, heatmaps
 * and chosen photos are blobs. A document that is isolated from others has threads in WebAssembly.
 */
export const pageHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self' blob: data:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
} as const;

/**
 * Of the folder's files, whoever made them: as a document of its own (a report, an SVG) nothing of it runs, and it has no part
 * in this site.
 */
export const folderHeaders = {
  'Content-Security-Policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
} as const;

/** Of both: isolation, and that content is what it says and tells nobody where it was asked for. */
export const commonHeaders = {
  ...isolationHeaders,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
} as const;

const binary = 'application/octet-stream';
const text = 'text/plain; charset=utf-8';

const endingOf = (name: string): string => /\.([^.]+)$/.exec(name)?.[1].toLowerCase() ?? '';

/** The type of one of the page's files. */
export const pageType = (name: string): string => mimes[endingOf(name)] ?? binary;

/** Types of the folder's files: those that a browser shows and limn's own; what could run is shown as text. */
const folderTypes: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'html',
      'svg',
      'json',
      'csv',
      'pdf',
      'png',
      'jpg',
      'jpeg',
      'gif',
      'webp',
      'avif',
      'bmp',
      'tif',
      'tiff',
    ].map((ending) => [ending, mimes[ending]]),
  ),
  ...Object.fromEntries(
    ['txt', 'md', 'log', 'jsonl', 'prototxt', 'yaml', 'yml', 'tex', 'tsv', 'js', 'mjs', 'py'].map(
      (ending) => [ending, text],
    ),
  ),
};

/** The type of one of the folder's files. */
export const folderType = (name: string): string => folderTypes[endingOf(name)] ?? binary;
