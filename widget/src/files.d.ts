/** A style sheet, minified at build. */
declare module "*.css" {
  const text: string;
  export default text;
}
