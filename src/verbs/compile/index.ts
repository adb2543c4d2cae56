export { type CompileResult, compile } from './compile.ts';
export { type CompileRequest, compileRequest } from './request.ts';
