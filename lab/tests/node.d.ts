// Node's own modules, as far as types go: its types would be one more package.
declare module "node:*"
