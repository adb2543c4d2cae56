import { NODE_HEADER, NodeFlag, PAGE_HEADER, PageFlag, viewOf } from './format.ts';

/** A page with the first key that it leads to. */
export interface Child {
  readonly key: Uint8Array;
  readonly page: number;
}

/** A leaf's node of `size` bytes: with its value inside, or with the first of the pages that hold it. */
export function leafNode(
  key: Uint8Array,
  value: Uint8Array,
  page: number | undefined,
  size: number,
): Uint8Array {
  const node = new Uint8Array(size);
  const view = viewOf(node);
  view.setUint32(0, value.length, true);
  view.setUint16(4, page === undefined ? 0 : NodeFlag.big, true);
  view.setUint16(6, key.length, true);
  node.set(key, NODE_HEADER);
  if (page === undefined) node.set(value, NODE_HEADER + key.length);
  else view.setBigUint64(NODE_HEADER + key.length, BigInt(page), true);
  return node;
}

/** A branch's node: a child page. The first one's key is left out, as nothing comes before it. */
export function branchNode({ key, page }: Child, index: number): Uint8Array {
  const length = index === 0 ? 0 : key.length;
  const node = new Uint8Array(even(NODE_HEADER + length));
  const view = viewOf(node);
  view.setUint32(0, page % 2 ** 32, true);
  view.setUint16(4, Math.floor(page / 2 ** 32), true);
  view.setUint16(6, length, true);
  node.set(key.subarray(0, length), NODE_HEADER);
  return node;
}

/** A page of nodes: their places ascend from the header on, the nodes themselves descend from the end. */
export function pageOf(
  number: number,
  flag: number,
  nodes: readonly Uint8Array[],
  pageSize: number,
): Uint8Array {
  const page = new Uint8Array(pageSize);
  writePageHeader(page, number, flag);
  const view = viewOf(page);
  let upper = pageSize;
  nodes.forEach((node, i) => {
    upper -= node.length;
    page.set(node, upper);
    view.setUint16(PAGE_HEADER + 2 * i, upper, true);
  });
  view.setUint16(12, PAGE_HEADER + 2 * nodes.length, true);
  view.setUint16(14, upper, true);
  return page;
}

/** What stands before a value in its own pages. */
export function overflowHeader(number: number, pages: number): Uint8Array {
  const header = new Uint8Array(PAGE_HEADER);
  writePageHeader(header, number, PageFlag.overflow);
  viewOf(header).setUint32(12, pages, true);
  return header;
}

function writePageHeader(page: Uint8Array, number: number, flag: number): void {
  const view = viewOf(page);
  view.setBigUint64(0, BigInt(number), true);
  view.setUint16(10, flag, true);
}

/** Nodes begin at even places. */
export const even = (n: number): number => n + (n & 1);
