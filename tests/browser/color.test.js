// @ts-check
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contrast, inkOn, ruleOf } from "../../support-http/web/widget/color.js";

describe("a tenant's colour", () => {
  it("has the contrasts that WCAG gives as examples", () => {
    assert.equal(contrast("#000000", "#ffffff"), 21);
    assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
    assert.equal(contrast("#ffffff", "#767676").toFixed(2), "4.54");
  });

  it("carries words that can be read, whatever it is", () => {
    for (let value = 0; value <= 0xffffff; value += 0x0503) {
      const color = `#${value.toString(16).padStart(6, "0")}`;
      assert.ok(contrast(inkOn(color), color) >= 4.5, color);
    }
  });

  it("is made darker or lighter where it is to be read itself", () => {
    for (const color of ["#ffd400", "#ffffff", "#000000", "#14665f", "#8f8f8f", "#f0f"]) {
      const [, light, dark] = /--accent: light-dark\((#\w+), (#\w+)\)/.exec(ruleOf(color)) ?? [];
      assert.ok(contrast(light, "#ffffff") >= 4.5 && contrast(light, "#f2f5f7") >= 4.5, `${color} on light`);
      assert.ok(contrast(dark, "#171e26") >= 4.5 && contrast(dark, "#222c37") >= 4.5, `${color} on dark`);
    }
  });

  it("is left alone where it is none", () => {
    for (const color of [null, undefined, "", "red", "#12", "#12345", "#ggg", "#fff; } body { display: none"]) assert.equal(ruleOf(color), "");
  });
});
