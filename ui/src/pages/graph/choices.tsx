/** Some of several, in the address. */
import { Checkbox } from "../../components/field";
import { changeQuery } from "../../routing/location";
import style from "./toolbar.module.css";

interface Props {
  /** What they are about. */
  legend: string;
  /** Parameter of the address. */
  name: string;
  values: readonly { value: string; label: string }[];
  chosen: readonly string[];
  /** What stands in the address if nothing is chosen; absent if that needs no word. */
  none?: string;
}

export function Choices({ legend, name, values, chosen, none }: Props) {
  function choose(value: string, isOn: boolean) {
    const next = isOn ? [...chosen, value] : chosen.filter((each) => each !== value);
    changeQuery({ [name]: next.length ? next : none });
  }

  return (
    <fieldset class={style.choices}>
      <legend>{legend}</legend>
      {values.map(({ value, label }) => (
        <Checkbox
          key={value}
          label={label}
          checked={chosen.includes(value)}
          onChange={(isOn) => choose(value, isOn)}
        />
      ))}
    </fieldset>
  );
}
