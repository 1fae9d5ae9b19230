// Runs built examples, named by its arguments, as each runs by itself; in one process, which starts quicker than many.
const mains = process.argv.slice(2).map((name) => `../../../examples/${name}/dist/main.js`)
await Promise.all(mains.map((main) => import(main)))
