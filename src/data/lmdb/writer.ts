import { fail } from '../../common/error.ts';
import {
  compareKeys,
  largestNode,
  MAX_DEPTH,
  MAX_KEY,
  NODE_HEADER,
  overflowPages,
  PAGE_HEADER,
  PageFlag,
  writeMeta,
} from './format.ts';
import { branchNode, type Child, even, leafNode, overflowHeader, pageOf } from './pages.ts';

/**
 * A database that is being written: what of it is known besides the bytes that were handed out. It is plain data, so
 * that a build can be kept in a journal and go on later.
 */
export interface LmdbBuild {
  readonly pageSize: number;
  /** The number of the next page; the bytes of all pages before it are written, except for the two meta pages. */
  readonly nextPage: number;
  readonly entries: number;
  readonly overflowPages: number;
  /** The leaf pages in the order of their keys. */
  readonly leaves: readonly Child[];
  readonly lastKey?: Uint8Array | undefined;
}

/** An entry of a database. */
export interface LmdbRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** An empty database; pages are 4096 bytes unless given, as on most machines, and at most 32768. */
export function startLmdb(pageSize = 4096): LmdbBuild {
  return { pageSize, nextPage: 2, entries: 0, overflowPages: 0, leaves: [] };
}

/**
 * Adds entries, whose keys must ascend beyond all keys before. Returns the build as it is then and the bytes to append
 * to the file, which belong at page `build.nextPage`. Leaves are closed at the end of each call, so that what was
 * written never changes. Errors: a key that is empty, too long or out of order.
 */
export function appendEntries(
  build: LmdbBuild,
  entries: readonly LmdbRecord[],
): { build: LmdbBuild; parts: Uint8Array[] } {
  const { pageSize } = build;
  const parts: Uint8Array[] = [];
  const leaves = [...build.leaves];
  let { nextPage, lastKey, overflowPages: overflow } = build;
  let nodes: Uint8Array[] = [];
  let used = PAGE_HEADER;
  let first: Uint8Array | undefined;

  const closeLeaf = () => {
    if (!first) return;
    parts.push(pageOf(nextPage, PageFlag.leaf, nodes, pageSize));
    leaves.push({ key: first, page: nextPage });
    nextPage++;
    nodes = [];
    used = PAGE_HEADER;
    first = undefined;
  };

  for (const { key, value } of entries) {
    checkKey(key, lastKey);
    const inside = NODE_HEADER + key.length + value.length <= largestNode(pageSize);
    const size = even(NODE_HEADER + key.length + (inside ? value.length : 8));
    if (used + size + 2 > pageSize) closeLeaf();
    let pages: number | undefined;
    if (!inside) {
      pages = overflowPages(value.length, pageSize);
      const header = overflowHeader(nextPage, pages);
      parts.push(header, value, new Uint8Array(pages * pageSize - PAGE_HEADER - value.length));
    }
    nodes.push(leafNode(key, value, pages === undefined ? undefined : nextPage, size));
    nextPage += pages ?? 0;
    overflow += pages ?? 0;
    used += size + 2;
    first ??= key;
    lastKey = key;
  }
  closeLeaf();
  const total = build.entries + entries.length;
  return { build: { pageSize, nextPage, entries: total, overflowPages: overflow, leaves, lastKey }, parts };
}

/**
 * The rest of a database: the bytes to append after its leaves (branch pages), and the two meta pages that belong at
 * the beginning. Without these no reader takes the file for a database; write them last.
 */
export function finishLmdb(build: LmdbBuild): { parts: Uint8Array[]; metas: Uint8Array } {
  const { pageSize } = build;
  const parts: Uint8Array[] = [];
  let { nextPage } = build;
  let level: readonly Child[] = build.leaves;
  let depth = level.length > 0 ? 1 : 0;
  while (level.length > 1) {
    const above: Child[] = [];
    for (const children of packed(level, pageSize)) {
      parts.push(pageOf(nextPage, PageFlag.branch, children.map(branchNode), pageSize));
      above.push({ key: children[0].key, page: nextPage });
      nextPage++;
    }
    level = above;
    depth++;
  }
  if (depth > MAX_DEPTH) fail('LMDB', `${build.entries} entries are too many`);
  const empty = {
    flags: 0,
    depth: 0,
    branchPages: 0,
    leafPages: 0,
    overflowPages: 0,
    entries: 0,
    root: undefined,
  };
  const main = {
    flags: 0,
    depth,
    branchPages: parts.length,
    leafPages: build.leaves.length,
    overflowPages: build.overflowPages,
    entries: build.entries,
    root: level[0]?.page,
  };
  const metas = new Uint8Array(2 * pageSize);
  writeMeta(metas.subarray(0, pageSize), 0, { pageSize, main: empty, lastPage: 1, transaction: 0 });
  writeMeta(metas.subarray(pageSize), 1, { pageSize, main, lastPage: nextPage - 1, transaction: 1 });
  return { parts, metas };
}

/** Children in groups that fill a branch page each, of at least two: LMDB refuses branches of one. */
function packed(children: readonly Child[], pageSize: number): Child[][] {
  const groups: Child[][] = [];
  let group: Child[] = [];
  let used = PAGE_HEADER;
  for (const child of children) {
    // The first child's key is left out: nothing is before it. Counting it anyway leaves a little space.
    const size = even(NODE_HEADER + child.key.length) + 2;
    if (used + size > pageSize) {
      groups.push(group);
      group = [];
      used = PAGE_HEADER;
    }
    group.push(child);
    used += size;
  }
  if (group.length === 1 && groups.length > 0) group.unshift(groups.at(-1)!.pop()!);
  groups.push(group);
  return groups;
}

function checkKey(key: Uint8Array, last: Uint8Array | undefined): void {
  const name = () => JSON.stringify(new TextDecoder().decode(key).slice(0, 80));
  if (key.length === 0 || key.length > MAX_KEY) {
    fail(`key ${name()}`, `${key.length} bytes; LMDB takes 1 to ${MAX_KEY}`, 'shorten the path');
  }
  if (last && compareKeys(last, key) >= 0) fail(`key ${name()}`, 'it does not come after the key before it');
}
