import type { FileData } from '../common/bytes.ts';
import type { Graph } from '../graph/index.ts';
import type { FigureLayout, Image } from '../image/index.ts';
import type { LoadedModel } from '../onnx/index.ts';
import type { Provider, Runtime, SessionOptions } from '../runtime/index.ts';

/** Where verbs run: Node, or a page. A host gives them what differs between the two, and nothing else. */
export interface Host {
  readonly files: Files;
  readonly images: Images;
  /** Decides where so many images of a network are computed, and how many at once. */
  compute(graph: Graph, images: number, options: ComputeOptions): Promise<Compute>;
  /** SHA-256 in hexadecimal digits, of bytes that come in pieces. */
  sha256(): Hash;
  /** What computes: the versions of limn, ONNX Runtime and of Node or the browser. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Files by path: a disk, or what a person chose and saves in a page. Errors name the path. */
export interface Files {
  read(path: string): Promise<Uint8Array>;
  /** What there is; undefined where nothing is. */
  kindOf(path: string): Promise<'file' | 'folder' | undefined>;
  /** Writes a file whole or not at all, its folder made if need be. */
  write(path: string, data: FileData): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** An `.onnx` model, with the files beside it that hold its weights. */
  readModel(path: string): Promise<LoadedModel>;
  /** A path within a folder, as this host writes paths. */
  join(...parts: readonly string[]): string;
  /** The last part of a path, without the ending if that is given. */
  basename(path: string, ending?: string): string;
}

/** Photos and figures as pixels. */
export interface Images {
  /** A photo file as 8-bit RGB. Errors call it `name`. */
  decode(bytes: Uint8Array, name: string): Promise<Image>;
  encodePng(picture: Image): Promise<Uint8Array>;
  /** A figure as pixels. */
  draw(layout: FigureLayout): Promise<Image>;
}

/** Where and how a model is run. */
export interface ComputeOptions {
  /** `cpu` in Node and `wasm` in a page unless given. */
  readonly provider?: Provider | undefined;
  /** Threads in all; as many as there are cores unless given. */
  readonly threads?: number | undefined;
}

/** A place to compute. */
export interface Compute {
  readonly runtime: Runtime;
  readonly session: SessionOptions;
  /** Runs that go on at the same time. */
  readonly workers: number;
}

export interface Hash {
  update(bytes: Uint8Array | string): Hash;
  digest(): string;
}
