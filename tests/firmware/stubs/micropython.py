"""Stands for MicroPython's `micropython` on the host: assembly cannot run, except what models.py has a model of."""

import models


def asm_thumb(function):
    def assembled(*arguments):
        model = models.ASSEMBLY.get(function.__name__)
        assert model, f"{function.__name__} is machine code, which the host cannot run"
        return model(*arguments)

    return assembled


def const(value):
    return value


def native(function):
    return function


def viper(function):
    return function
