export { type PageResult, page } from './page.ts';
export { type PageRequest, pageRequest } from './request.ts';
