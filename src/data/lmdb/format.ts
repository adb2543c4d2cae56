import { fail } from '../../common/error.ts';

/*
 * The file format of LMDB 0.9 (data version 1) as 64-bit little-endian machines write it, after the declarations in
 * its mdb.c: pages of one size; two meta pages first, of which the one with the higher transaction number counts; a
 * B+tree of branch and leaf pages; values that are too large for a leaf in runs of overflow pages.
 */

/** Bytes before the content of any page: its number (8), unused (2), flags (2), bounds of its free space or pages (4). */
export const PAGE_HEADER = 16;

export const PageFlag = { branch: 1, leaf: 2, overflow: 4, meta: 8 } as const;

/** A node's flags: its value lies in overflow pages; it is the root of a named database; its key has several values. */
export const NodeFlag = { big: 1, database: 2, duplicates: 4 } as const;

/** Bytes before the key of a node: size or page (4), flags or the page's upper bits (2), size of the key (2). */
export const NODE_HEADER = 8;

export const MAGIC = 0xbeefc0de;
export const DATA_VERSION = 1;

/** No page: the root of an empty tree. */
export const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** LMDB's limit unless it was built otherwise. */
export const MAX_KEY = 511;

/** LMDB's cursors go no deeper. */
export const MAX_DEPTH = 32;

/** What a leaf node may take up with its value inside; a page must hold two. */
export const largestNode = (pageSize: number): number => (((pageSize - PAGE_HEADER) >> 1) & ~1) - 2;

/** How many pages a value of `size` bytes takes up outside of its leaf. */
export const overflowPages = (size: number, pageSize: number): number =>
  Math.floor((PAGE_HEADER - 1 + size) / pageSize) + 1;

/** A tree: what a meta page says of the main database. */
export interface Tree {
  readonly flags: number;
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  /** Undefined for an empty tree. */
  readonly root: number | undefined;
}

export interface Meta {
  readonly pageSize: number;
  readonly main: Tree;
  readonly lastPage: number;
  readonly transaction: number;
}

// Offsets in a meta page, after the page's header.
const META = { magic: 16, version: 20, mapSize: 32, free: 40, main: 88, lastPage: 136, transaction: 144 };

/** Bytes of a meta page that hold something. */
export const META_BYTES = 152;

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Writes a meta page. */
export function writeMeta(page: Uint8Array, number: 0 | 1, meta: Meta): void {
  const view = viewOf(page);
  view.setBigUint64(0, BigInt(number), true);
  view.setUint16(10, PageFlag.meta, true);
  view.setUint32(META.magic, MAGIC, true);
  view.setUint32(META.version, DATA_VERSION, true);
  // Who adds entries, or loads a dump, gets this much room unless they ask for more.
  view.setBigUint64(META.mapSize, BigInt(2 * (meta.lastPage + 1) * meta.pageSize + 2 ** 20), true);
  // The tree of free pages is empty; the page size stands in its first field.
  view.setUint32(META.free, meta.pageSize, true);
  view.setBigUint64(META.free + 40, NO_PAGE, true);
  const { main } = meta;
  view.setUint16(META.main + 4, main.flags, true);
  view.setUint16(META.main + 6, main.depth, true);
  const counts = [main.branchPages, main.leafPages, main.overflowPages, main.entries];
  for (const [i, n] of counts.entries()) view.setBigUint64(META.main + 8 + 8 * i, BigInt(n), true);
  view.setBigUint64(META.main + 40, main.root === undefined ? NO_PAGE : BigInt(main.root), true);
  view.setBigUint64(META.lastPage, BigInt(meta.lastPage), true);
  view.setBigUint64(META.transaction, BigInt(meta.transaction), true);
}

/** Reads a meta page. Errors: no LMDB file, of another data version, of another kind of machine, or damaged. */
export function readMeta(page: Uint8Array, file: string): Meta {
  const view = viewOf(page);
  const magic = view.getUint32(META.magic, true);
  if (magic !== MAGIC) {
    if (view.getUint32(META.magic, false) === MAGIC || view.getUint32(12, true) === MAGIC) {
      fail(
        file,
        'an LMDB database of a 32-bit or big-endian machine',
        'dump it there with mdb_dump, load it here with mdb_load',
      );
    }
    fail(file, 'not an LMDB database, or damaged', 'give the folder that holds data.mdb, or make it again');
  }
  const version = view.getUint32(META.version, true);
  if (version !== DATA_VERSION) {
    fail(
      file,
      `LMDB data version ${version}; Caffe and limn read version ${DATA_VERSION}`,
      'make it with LMDB 0.9, py-lmdb or limn',
    );
  }
  const pageSize = view.getUint32(META.free, true);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) {
    fail(file, `damaged: a page size of ${pageSize}`, 'make it again');
  }
  const number = (at: number) => Number(view.getBigUint64(at, true));
  const root = view.getBigUint64(META.main + 40, true);
  return {
    pageSize,
    main: {
      flags: view.getUint16(META.main + 4, true),
      depth: view.getUint16(META.main + 6, true),
      branchPages: number(META.main + 8),
      leafPages: number(META.main + 16),
      overflowPages: number(META.main + 24),
      entries: number(META.main + 32),
      root: root === NO_PAGE ? undefined : Number(root),
    },
    lastPage: number(META.lastPage),
    transaction: number(META.transaction),
  };
}

/** Orders keys as LMDB does: byte by byte, the shorter of two first. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}
