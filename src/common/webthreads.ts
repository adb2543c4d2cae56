/**
 * How many threads WebAssembly has unless somebody says: all cores but one, which is for the page itself and for compiling. Threads
 * wait for each other actively, so that nothing else would have a core. One where the page is not isolated.
 */
export const webThreads = (): number =>
  globalThis.crossOriginIsolated ? Math.max(1, navigator.hardwareConcurrency - 1) : 1;
