export { type InitResult, init } from './init.ts';
export { type InitRequest, initRequest } from './request.ts';
