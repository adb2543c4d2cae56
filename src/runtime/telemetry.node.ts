/**
 * ONNX Runtime for Linux and macOS, from 1.29 on, tells Microsoft of the process, its sessions and its models, keeps a number of this
 * machine and a database below `~/.cache/Microsoft`, and, to do so, reads the command line in a way that ends a process with many photos
 * on it. All of this is left out unless `ORT_DISABLE_TELEMETRY` is set already, be it to 0. It counts before ONNX Runtime starts, and
 * only where the main thread sets it: the environment of worker threads is a copy.
 */
export function silenceTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}
