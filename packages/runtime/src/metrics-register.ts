import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Makes metrics on one registry. */
export class Register {
  readonly #registers: [Registry]

  constructor(registry: Registry) {
    this.#registers = [registry]
  }

  counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: this.#registers })
  }

  unlabelled(name: string, help: string): Counter {
    return new Counter({ name, help, registers: this.#registers })
  }

  /** `collect` is called before the metric is read. */
  gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    collect: (gauge: Gauge<Label>) => void = () => {},
  ): Gauge<Label> {
    return new Gauge({
      name,
      help,
      labelNames,
      registers: this.#registers,
      collect() {
        collect(this)
      },
    })
  }

  histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: this.#registers })
  }

  labelledHistogram<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: this.#registers })
  }
}
