import type { Graph, Tensor } from '../graph/index.ts';

/** Where ONNX Runtime computes. */
export type Provider = 'cpu' | 'webgpu' | 'cuda' | 'wasm';

/** Where and how a session computes. */
export interface SessionOptions {
  readonly provider?: Provider | undefined;
  /** Threads within one operation; all cores unless given, and in a page all but one. */
  readonly threads?: number | undefined;
  /**
   * Keeps the memory of one run for the next; true unless given. Without it GoogLeNet's relevance needs 50 MB less at
   * the peak and takes 3 % longer, or 10 % with large batches.
   */
  readonly arena?: boolean | undefined;
  /**
   * `quick` leaves out all rearranging of the graph and its weights: for a graph that runs only once or twice it would
   * take longer than it saves, and more memory. `full` unless given.
   */
  readonly optimise?: 'full' | 'quick' | undefined;
}

/** Tensors by the names of the values that they are for. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A graph that is loaded and ready to run. */
export interface Session {
  /** Runs the graph on its inputs by name; returns the asked-for outputs, all unless given. */
  run(inputs: Tensors, outputs?: readonly string[]): Promise<Record<string, Tensor>>;
  /** Frees what the session holds outside the JavaScript heap. */
  release(): Promise<void>;
}

/** A session in this thread. */
export interface LocalSession extends Session {
  /**
   * As {@link Session.run}; outputs that are in `into` are written to the memory given there, whose type and shape must
   * be theirs, and are not returned.
   */
  run(inputs: Tensors, outputs?: readonly string[], into?: Tensors): Promise<Record<string, Tensor>>;
}

/** A host of ONNX Runtime: Node or the browser. */
export interface Runtime {
  /** Loads a graph. Errors: the provider is not there, or ONNX Runtime refuses the graph. */
  load(graph: Graph, options?: SessionOptions): Promise<Session>;
}
