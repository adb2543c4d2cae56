export { type RunModelRequest, runModelRequest } from './request.ts';
export { type RunModelResult, type RunTensor, runModel } from './run.ts';
